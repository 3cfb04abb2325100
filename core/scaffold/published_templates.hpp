#pragma once

#include <span>
#include <string_view>

namespace pier::scaffold {

/// A template that Databricks publishes under a short name, and the Git repository that has it. pier holds none of
/// their files: it fetches them on request.
struct PublishedTemplate {
  std::string_view name;
  std::string_view other_name; ///< also known as; may be empty
  std::string_view summary;
  std::string_view url;
  std::string_view tag; ///< empty: the default branch
  std::string_view folder;
  bool hidden = false; ///< not offered to people who choose
};

std::span<const PublishedTemplate> published_templates();

/// By either name; null: none.
const PublishedTemplate* find_published(std::string_view name);

} // namespace pier::scaffold

#pragma once

#include "core/base/result.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::model {

/// Names one node of the graph: kind "jobs", key "nightly", and for the nodes that hang on a resource
/// the part "permissions" or "grants".
struct ResourceKey {
  std::string kind;
  std::string key;
  std::string part;

  /// "resources.jobs.nightly" or "resources.jobs.nightly.permissions"
  static Result<ResourceKey> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] bool is_part() const { return !part.empty(); }

  [[nodiscard]] ResourceKey owner() const { return {kind, key, {}}; }

  auto operator<=>(const ResourceKey&) const = default;
};

/// One `${…}` in a text. A path is split at dots and indexes: "resources.jobs.x.tasks[0].y".
struct Reference {
  std::size_t begin = 0; ///< offset of `$`
  std::size_t end = 0;   ///< offset after `}`
  std::string path;      ///< without `${` and `}`
};

/// All references in a text, by the grammar of the bundle language: segments are letters followed by
/// letters, digits, `-`, `_` (not last), with optional `[n]`. Anything else is plain text.
std::vector<Reference> find_references(std::string_view text);

/// The path when the whole text is one reference: "${var.x}" → "var.x".
std::optional<std::string> pure_reference(std::string_view text);

/// A reference to another resource: key and the field path behind it ("id", "tasks[0].x").
struct ResourceReference {
  ResourceKey target;
  std::string field;
};

std::optional<ResourceReference> parse_resource_reference(std::string_view path);

/// The singular of a kind: "jobs" → "job", "postgres_branches" → "postgres_branch".
std::string singular_of(std::string_view kind);

} // namespace pier::model

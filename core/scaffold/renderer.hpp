#pragma once

#include "core/scaffold/answers.hpp"
#include "core/scaffold/template_source.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pier::scaffold {

struct RenderedFile {
  std::string path; ///< relative, with `/`
  std::string content;
  bool executable = false;

  bool operator==(const RenderedFile&) const = default;
};

/// What a template makes, still in memory.
struct RenderedTree {
  std::vector<RenderedFile> files; ///< by path
  std::vector<std::string> folders;
};

/// Reads the schema of a template. Error PIER5006.
Result<TemplateSchema> schema_of(const TemplateSource& source);

/// Renders folders breadth first, files before subfolders: path names and `.tmpl` files are templates, `library/*`
/// is shared, `{{skip "glob"}}` drops outputs. Paths never leave the output folder. Error PIER5001…PIER5005.
Result<RenderedTree> render_tree(const TemplateSource& source, const AnswerValues& answers,
                                 const WorkspaceFacts& facts);

/// Writes the tree below `output`. Refuses to overwrite and names every file in the way (already_exists,
/// PIER5010). All or nothing: the tree is staged beside its destination first, and taken back after a failure.
Result<void> write_tree(const RenderedTree& tree, const std::filesystem::path& output);

/// Those files of the tree that exist already, and files where a folder has to be.
std::vector<std::string> files_in_the_way(const RenderedTree& tree, const std::filesystem::path& output);

/// Go's path.Match: `*` and `?` stay within one level, `[a-z]` and `\x` work. Error PIER5002 for a broken pattern.
Result<bool> glob_matches(std::string_view pattern, std::string_view path);

} // namespace pier::scaffold

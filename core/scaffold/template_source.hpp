#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pier::scaffold {

struct TemplateFileContent {
  std::string content;
  bool executable = false;
};

/// The files of one template in memory: "databricks_template_schema.json", "template/…", "library/…".
/// Relative paths with `/`. Folders without files are listed apart.
struct TemplateSource {
  std::string name; ///< "fullstack", or the folder as the user named it
  std::map<std::string, TemplateFileContent, std::less<>> files;
  std::vector<std::string> empty_folders;
  /// Files of `../common/library`, which the templates of one collection share; the template's own library wins.
  std::map<std::string, TemplateFileContent, std::less<>> shared_library{};
};

/// One entry of `pier init --list`.
struct BuiltinTemplate {
  std::string_view name;
  std::string_view summary;
};

/// The templates inside the program.
std::span<const BuiltinTemplate> builtin_templates();

/// Which template: a built-in name, the name of a published one, a folder (an existing one, or anything with a `/`), or
/// the URL of a Git repository (https, http, ssh, git, file, or user@host:path).
struct TemplateRequest {
  std::string name;
  std::filesystem::path cwd;
  std::string branch;          ///< of a repository: branch or tag; empty: the default one
  std::string folder;          ///< below the root of the repository or folder; empty: the root
  Environment env{};           ///< for git
  bool official_words = false; ///< of a repository that cannot be cloned
};

/// Finds and reads it; a repository is cloned into a temporary folder. Errors PIER5008, PIER04xx.
Result<TemplateSource> find_template(const TemplateRequest& request);

/// Reads a template's folder (with a template_dir in its schema: the files of that one), at most 2,000 files of 10 MiB;
/// symbolic links are not followed. Error PIER5008.
Result<TemplateSource> read_template_folder(const std::filesystem::path& folder, std::string name);

} // namespace pier::scaffold

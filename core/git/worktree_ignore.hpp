#pragma once

#include "core/base/environment.hpp"
#include "core/git/ignore_patterns.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace pier::git {

/// The folder that holds `.git` (folder or file), looked for from `start` upwards; empty if there is none.
std::filesystem::path find_worktree_root(const std::filesystem::path& start);

/// What .gitignore files say about the files of one tree: those of every folder from the root of the
/// work tree down, `.git/info/exclude` and the user's core.excludesFile. `.git` and `.databricks` are
/// always ignored. A file is ignored as soon as one of the lists ignores it (the rule of the official
/// CLI's sync; plain git lets a deeper list take back what an outer one ignores).
/// Works in any folder, also outside a repository. Reads lists on first use; not thread-safe.
class WorktreeIgnore {
 public:
  /// `root` is the folder to walk; excludes_file may be empty.
  explicit WorktreeIgnore(const std::filesystem::path& root, const std::filesystem::path& excludes_file = {});

  /// Path relative to `root`, with `/`.
  [[nodiscard]] bool ignores(std::string_view path, bool is_directory);

 private:
  const IgnorePatterns& patterns_of(const std::string& directory);

  std::filesystem::path top_;
  std::string prefix_; ///< of the walked folder below top_, with a trailing `/` or empty
  IgnorePatterns everywhere_;
  std::map<std::string, IgnorePatterns> by_directory_;
};

/// core.excludesFile of the user's git configuration; else the default place
/// ($XDG_CONFIG_HOME or ~/.config)/git/ignore. The file need not exist.
std::filesystem::path user_excludes_file(const Environment& env);

} // namespace pier::git

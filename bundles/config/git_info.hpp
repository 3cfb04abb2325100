#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pier::bundles {

/// What the language may say of the repository around a bundle: `${bundle.git.…}`.
struct GitInfo {
  std::filesystem::path worktree; ///< absolute
  std::string branch;             ///< empty when HEAD is detached
  std::string commit;
  std::string origin_url; ///< without credentials
  bool broken = false;    ///< there is a .git that names no repository
};

/// Reads .git (a folder, or the file of a worktree) in `folder` or above; nothing when there is none.
std::optional<GitInfo> read_git_info(const std::filesystem::path& folder);

} // namespace pier::bundles

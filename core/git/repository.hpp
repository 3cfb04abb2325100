#pragma once

#include "core/base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace pier::git {

/// What bundles record about the checkout they were deployed from.
struct RepositoryState {
  std::filesystem::path root; ///< of the work tree
  std::string branch;         ///< empty when a commit or tag is checked out
  std::string commit;         ///< 40 hex digits; empty before the first commit
  std::string origin_url;     ///< of the remote `origin`, without user and password; may be empty
  bool dirty = false;         ///< tracked files differ from the commit, or files are untracked
};

struct ReadOptions {
  bool with_dirty = true; ///< walks the whole tree
};

/// State of the repository that contains `path`; nothing when there is none. Through libgit2, loaded
/// on first use (error `unavailable` PIER0401 without it).
Result<std::optional<RepositoryState>> read_repository(const std::filesystem::path& path, ReadOptions options = {});

struct CloneOptions {
  std::string branch; ///< branch to check out; empty: the default one
};

/// Clones `url` into the folder `into` (which must not exist). Error PIER0402.
Result<void> clone_repository(const std::string& url, const std::filesystem::path& into,
                              const CloneOptions& options = {});

/// "https://u:p@host/x" → "https://host/x"; other forms stay.
std::string without_credentials(std::string_view url);

} // namespace pier::git

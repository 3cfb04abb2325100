#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"

#include <filesystem>
#include <string>

namespace pier::git {

struct FetchOptions {
  std::string reference;       ///< branch or tag; empty: the default branch
  Environment env;             ///< PATH, and what git wants to know: proxies, keys …
  bool official_words = false; ///< a failure is told as the official CLI tells it: the command and all that git says
};

/// The newest files of a repository in the folder `into` (which must not exist), as little of its history as possible.
/// By the program `git`, which knows the user's keys and proxies; without it by libgit2. Error PIER0402.
Result<void> fetch_repository(const std::string& url, const std::filesystem::path& into, const FetchOptions& options);

} // namespace pier::git

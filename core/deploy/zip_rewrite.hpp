#pragma once

#include "core/base/result.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace pier::deploy {

/// The content of one member of a ZIP archive, at most 64 MiB. Error not_found, invalid_argument.
Result<std::string> read_zip_member(const std::filesystem::path& archive, const std::string& name);

/// What becomes of the members of an archive while it is copied.
struct ZipChanges {
  std::function<std::string(const std::string& name)> rename;
  std::map<std::string, std::string> contents; ///< by the old name; others are copied as they are
};

/// Copies an archive member by member. `target` appears whole or not at all.
Result<void> rewrite_zip(const std::filesystem::path& archive, const std::filesystem::path& target,
                         const ZipChanges& changes);

} // namespace pier::deploy

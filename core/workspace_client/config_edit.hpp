#pragma once

#include "core/base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pier::workspace_client {

/// The text of a `~/.databrickscfg` with one profile replaced or, if it has none of that name, appended.
/// Everything else stays byte for byte.
std::string with_profile(std::string_view text, std::string_view profile,
                         const std::vector<std::pair<std::string, std::string>>& attributes);

/// Writes a profile into the file (replaced as one step, mode 0600); a link is followed.
Result<void> write_profile(const std::filesystem::path& path, std::string_view profile,
                           const std::vector<std::pair<std::string, std::string>>& attributes);

} // namespace pier::workspace_client

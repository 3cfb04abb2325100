#pragma once

#include "core/base/result.hpp"
#include "core/lake/delta/actions.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake::delta {

/// Reads a commit or JSON checkpoint: one action a line. Unknown actions are skipped, as the protocol wants.
/// Error DELTA_LOG_CORRUPT for broken JSON or an action that lacks what it needs.
Result<std::vector<Action>> parse_actions(std::string_view text);

/// One action as a line of the log, without newline.
std::string to_line(const Action& action);

/// "%20" decoded once, `file:` scheme and doubled slashes removed. Relative paths stay relative.
std::string decode_path(std::string_view path);

/// What identifies a file in the log: its decoded path and deletion vector.
std::string file_key(const std::string& path, const std::optional<DeletionVector>& deletion_vector);

} // namespace pier::lake::delta

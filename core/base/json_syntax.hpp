#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pier {

/// What is wrong with a JSON text, in the words of Go's encoding/json, which the official CLI shows:
/// "invalid character 'i' looking for beginning of value". Nothing for a valid text.
std::optional<std::string> json_syntax_problem(std::string_view text);

} // namespace pier

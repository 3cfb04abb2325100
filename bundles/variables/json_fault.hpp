#pragma once

#include <string>
#include <string_view>

namespace pier::bundles {

/// Why a text is no JSON, and where, in the words of the official CLI: "error decoding JSON at FILE:1:1:
/// invalid character 'o' in literal false (expecting 'a')". Only for texts that failed to parse.
std::string describe_json_fault(std::string_view text, const std::string& file);

} // namespace pier::bundles

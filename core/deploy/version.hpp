#pragma once

#include <string_view>

namespace pier::deploy {

/// What is recorded as `cli_version` in state, plan and deployment files: the release of the official
/// CLI whose formats these are, so that both tools can take turns.
inline constexpr std::string_view k_cli_version = "1.13.0";

/// Compares "1.13.0" with "1.12.3"; false when one of them is no such version.
bool is_newer_version(std::string_view version, std::string_view than);

} // namespace pier::deploy

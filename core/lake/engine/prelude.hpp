#pragma once

#include <span>
#include <string_view>

namespace pier::lake {

/// Macros that give functions of the dialect their meaning; run once when the engine opens.
std::span<const std::string_view> prelude_statements();

} // namespace pier::lake

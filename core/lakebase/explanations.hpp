#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::lakebase {

/// The long texts of this room's codes (PIER800x, PIER801x).
std::span<const Explanation> explanations();

} // namespace pier::lakebase

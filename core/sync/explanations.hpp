#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::sync {

/// The long texts of this room's codes (PIER810x, PIER811x).
std::span<const Explanation> explanations();

} // namespace pier::sync

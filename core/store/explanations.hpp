#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::store {

/// The long texts of this room's codes (PIER030x).
std::span<const Explanation> explanations();

} // namespace pier::store

#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::http {

/// The long texts of this room's codes (PIER032x-034x).
std::span<const Explanation> explanations();

} // namespace pier::http

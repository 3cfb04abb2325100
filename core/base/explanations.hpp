#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier {

std::span<const Explanation> explanations(); ///< codes PIER01xx

} // namespace pier

#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::cli {

std::span<const Explanation> explanations(); ///< codes PIER00xx

} // namespace pier::cli

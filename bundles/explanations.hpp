#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::bundles {

std::span<const Explanation> explanations(); ///< codes PIER10xx to PIER19xx

} // namespace pier::bundles

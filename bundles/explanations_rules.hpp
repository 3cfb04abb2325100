#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::bundles {

std::span<const Explanation> rule_explanations(); ///< workspace, modes, resources, paths: PIER105x and up

} // namespace pier::bundles

#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::bundles {

std::span<const Explanation> config_explanations(); ///< files, typing, targets, variables: PIER100x to PIER104x

} // namespace pier::bundles

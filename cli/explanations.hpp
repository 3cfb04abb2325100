#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::cli {

std::span<const Explanation> explanations();           ///< codes PIER00xx
std::span<const Explanation> workspace_explanations(); ///< of the local workspace: PIER7xxx, PIER80xx to 81xx, 90xx

} // namespace pier::cli

#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::migrate {

std::span<const Explanation> explanations(); ///< PIER84xx

} // namespace pier::migrate

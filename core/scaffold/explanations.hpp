#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::scaffold {

std::span<const Explanation> explanations(); ///< PIER50xx

} // namespace pier::scaffold

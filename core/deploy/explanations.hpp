#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::deploy {

std::span<const Explanation> explanations();

} // namespace pier::deploy

#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::git {

std::span<const Explanation> explanations();

} // namespace pier::git

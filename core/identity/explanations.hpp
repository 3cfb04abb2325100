#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::identity {

/// Texts of this room's codes for `pier explain`.
std::span<const Explanation> explanations();

} // namespace pier::identity

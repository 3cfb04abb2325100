#pragma once

#include "core/base/diagnostics.hpp"

#include <span>

namespace pier::workspace_client {

std::span<const Explanation> explanations();

} // namespace pier::workspace_client

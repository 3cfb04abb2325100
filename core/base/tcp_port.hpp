#pragma once

#include "core/base/result.hpp"

#include <cstdint>

namespace pier {

/// A TCP port on loopback that was free a moment ago (bind to 0, close).
Result<std::uint16_t> free_loopback_port();
/// True if something accepts connections there.
bool is_port_open(std::uint16_t port);

} // namespace pier

#pragma once

#include <chrono>

namespace pier::test {

/// When a test gives up waiting for what must come: only a hang is that slow, however busy the machine is.
/// How fast things are is told by the benchmarks, never by a test.
inline constexpr std::chrono::milliseconds k_hang_limit = std::chrono::minutes(2);

} // namespace pier::test

#pragma once

#include <array>
#include <cstdint>

namespace pier::deploy {

/// Codes of RFC 1951, 3.2.5: a number from `base` on, told by `extra` bits behind the code.
struct DeflateRange {
  std::uint32_t base = 0;
  std::uint8_t extra = 0;
};

/// Lengths from 3 on, as numbers from 0 on.
constexpr std::array<DeflateRange, 29> make_length_ranges() {
  std::array<DeflateRange, 29> ranges{};
  std::uint32_t base = 0;
  for (std::uint32_t i = 0; i < 28; ++i) {
    const auto extra = static_cast<std::uint8_t>(i < 8 ? 0 : i / 4 - 1);
    ranges[i] = {base, extra};
    base += 1U << extra;
  }
  ranges[28] = {255, 0}; // the longest has a code of its own
  return ranges;
}

/// Distances from 1 on, as numbers from 0 on.
constexpr std::array<DeflateRange, 30> make_distance_ranges() {
  std::array<DeflateRange, 30> ranges{};
  std::uint32_t base = 0;
  for (std::uint32_t i = 0; i < ranges.size(); ++i) {
    const auto extra = static_cast<std::uint8_t>(i < 4 ? 0 : i / 2 - 1);
    ranges[i] = {base, extra};
    base += 1U << extra;
  }
  return ranges;
}

inline constexpr auto k_lengths = make_length_ranges();
inline constexpr auto k_distances = make_distance_ranges();

/// The code of the range that a number is in.
template <std::size_t count> std::size_t range_of(const std::array<DeflateRange, count>& ranges, std::uint32_t number) {
  std::size_t low = 0;
  std::size_t high = count;
  while (high - low > 1) {
    const auto middle = (low + high) / 2;
    (ranges[middle].base <= number ? low : high) = middle;
  }
  return low;
}

} // namespace pier::deploy

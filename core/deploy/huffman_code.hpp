#pragma once

#include <cstdint>
#include <vector>

namespace pier::deploy {

/// A prefix code of RFC 1951: how many bits each symbol has, and which; length 0 for a symbol that does not occur.
struct HuffmanCode {
  struct Entry {
    std::uint16_t bits = 0; ///< the first bit of the code is the lowest
    std::uint16_t length = 0;
  };

  std::vector<Entry> entries;

  /// The code for these frequencies with the shortest text, no entry longer than `longest`. Among codes of the same
  /// worth the one that Go's compress/flate chooses.
  static HuffmanCode of_frequencies(const std::vector<std::uint32_t>& frequencies, std::size_t longest);
  /// Canonical: symbols of the same length are counted upwards.
  static HuffmanCode of_lengths(const std::vector<std::uint16_t>& lengths);

  /// The length in bits of a text with these frequencies.
  [[nodiscard]] std::size_t cost(const std::vector<std::uint32_t>& frequencies) const;
};

} // namespace pier::deploy

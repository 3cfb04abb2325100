#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::deploy {

/// Collects bits, the lowest first.
class BitWriter {
 public:
  void put(std::uint64_t bits, std::size_t count);
  void put_bytes(std::string_view bytes); ///< from the next whole byte on
  void align();

  [[nodiscard]] std::string take() &&;

 private:
  std::string out_;
  std::uint64_t bits_ = 0;
  std::size_t count_ = 0;
};

/// A byte, or a text that was there before: `distance` back, `length` bytes (0 for a byte).
struct DeflateToken {
  std::uint32_t length = 0;
  std::uint32_t distance = 0;
  std::uint8_t byte = 0;
};

/// Writes one block of RFC 1951 in the shortest of its forms; the form without packing only if `input`, the bytes that
/// the tokens stand for, is known.
void write_block(BitWriter& out, const std::vector<DeflateToken>& tokens, std::optional<std::string_view> input);

void write_stored_block(BitWriter& out, std::string_view input, bool last);

} // namespace pier::deploy

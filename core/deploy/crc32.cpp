#include "core/deploy/crc32.hpp"

#include <array>

namespace pier::deploy {
namespace {

using Table = std::array<std::uint32_t, 256>;

constexpr Table make_table() {
  Table table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
    }
    table[i] = value;
  }
  return table;
}

} // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  static constexpr Table k_table = make_table();
  std::uint32_t value = ~before;
  for (const char c : bytes) {
    value = k_table[(value ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (value >> 8U);
  }
  return ~value;
}

} // namespace pier::deploy

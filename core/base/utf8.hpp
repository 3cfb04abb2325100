#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pier {

struct CodePoint {
  std::uint32_t code = 0;
  std::size_t size = 1; ///< octets
};

/// The character that begins at `at` in UTF-8; an octet of a broken one stands for itself.
CodePoint code_point_at(std::string_view text, std::size_t at);

void append_utf8(std::string& out, std::uint32_t code);

} // namespace pier

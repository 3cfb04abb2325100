#pragma once

#include <cstdint>
#include <string_view>

namespace pier::deploy {

/// CRC-32 (ISO 3309), as ZIP and gzip want it; `before` is that of the bytes in front.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

} // namespace pier::deploy

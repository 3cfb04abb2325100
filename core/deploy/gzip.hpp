#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pier::deploy {

/// Packs bytes as they come (RFC 1952, no name and no time in the header): the same bytes give the same archive.
class Gzip {
 public:
  Gzip();
  ~Gzip();

  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void write(std::string_view bytes);

  /// Everything; nothing can be written afterwards.
  [[nodiscard]] std::string finish() &&;

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;
  std::string out_;
};

/// CRC-32 (ISO 3309), as ZIP wants it.
std::uint32_t crc32_of(std::string_view bytes);

} // namespace pier::deploy

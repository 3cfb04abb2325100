#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pier::http {

/// Decodes a body of transfer coding "chunked" (RFC 9112 7.1) as it arrives. Strict: CRLF only, sizes in
/// hexadecimal; extensions and trailers are skipped and bounded.
class ChunkedDecoder {
 public:
  enum class State { more, done, bad };

  /// Takes what it can from the front of `input` (removed from it) and appends the content to `out`.
  State feed(std::string_view& input, std::string& out);

 private:
  enum class Phase { size, extension, size_lf, data, data_cr, data_lf, trailer_start, trailer, trailer_lf, end_lf };

  bool take(char c);
  bool take_size_digit(char c);
  bool end_size_line();

  Phase phase_ = Phase::size;
  std::uint64_t left_ = 0;     ///< of the current chunk
  unsigned digits_ = 0;        ///< of the current size
  std::size_t line_bytes_ = 0; ///< of extensions and trailers so far
  bool done_ = false;
};

} // namespace pier::http

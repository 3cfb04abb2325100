#pragma once

#include "core/http/body_sink.hpp"
#include "core/http/chunked_decoder.hpp"
#include "core/http/input_buffer.hpp"
#include "core/http/request_head.hpp"

#include <cstdint>
#include <string>

namespace pier::http {

/// Moves one request's body from what was read into its sink, by stated length or in chunks. Takes no byte
/// of the next request.
class BodyReader {
 public:
  BodyReader(const RequestHead& head, BodySink& sink)
      : sink_(sink),
        chunked_(head.chunked),
        left_(head.content_length.value_or(0)) {}

  /// True when the body is complete, false when more input is needed. Errors: invalid_argument (malformed
  /// chunks), too_large, io.
  Result<bool> feed(InputBuffer& input);

  [[nodiscard]] std::uint64_t bytes_left() const { return left_; } ///< of a stated length

 private:
  Result<bool> feed_bytes(InputBuffer& input);
  Result<bool> feed_chunks(InputBuffer& input);

  BodySink& sink_;
  bool chunked_;
  std::uint64_t left_;
  ChunkedDecoder decoder_;
  std::string content_; ///< decoded, not yet stored
};

} // namespace pier::http

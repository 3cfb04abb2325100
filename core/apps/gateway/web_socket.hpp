#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pier::apps {

/// Watches the frames of one direction of a WebSocket (RFC 6455 5.2) that passes through as raw bytes.
class FrameObserver {
 public:
  /// True if a data frame (continuation, text, binary) began in these bytes; pings and pongs do not count.
  bool observe(std::string_view bytes);

  /// Between two frames: only there may a frame of our own be put in.
  [[nodiscard]] bool at_boundary() const { return header_.empty() && left_ == 0; }

 private:
  std::string header_; ///< the bytes of an unfinished frame header
  std::uint64_t left_ = 0;
};

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

std::string text_frame(std::string_view text);                             ///< from server to client
std::string close_frame(std::uint16_t code, std::string_view reason = {}); ///< from server to client

struct ClientFrame {
  unsigned opcode = 0;
  std::string payload;  ///< unmasked
  std::size_t size = 0; ///< bytes it took
};

/// Takes one whole frame from a client off the front; nothing while it is incomplete. `broken` is set for an
/// unmasked frame or one above 64 KiB.
std::optional<ClientFrame> parse_client_frame(std::string_view bytes, bool& broken);

} // namespace pier::apps

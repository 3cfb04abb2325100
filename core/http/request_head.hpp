#pragma once

#include "core/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pier::http {

inline constexpr std::size_t k_max_head = std::size_t{64} * 1024;

/// A request's first lines, checked against everything that makes two parsers disagree about where the
/// request ends (RFC 9112 6.3): doubled or mixed lengths, unknown transfer codings, missing or doubled Host.
struct RequestHead {
  std::string method;
  std::string path; ///< raw, without the query; "*" for OPTIONS *
  Query query;
  Headers headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool is_http_1_0 = false;
  bool expects_continue = false;
  bool wants_websocket = false;

  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Why a head is refused: the status to answer with, then the connection closes.
struct BadHead {
  int status = 400;
  std::string message;
};

/// Position behind the blank line that ends the head, or nothing yet. `searched` makes repeated calls on a
/// growing text cheap: start with 0.
std::optional<std::size_t> find_head_end(std::string_view text, std::size_t& searched);

/// Parses one complete head (through its blank line).
std::variant<RequestHead, BadHead> parse_request_head(std::string_view head);

} // namespace pier::http

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace pier::apps {

/// A header field; both parts point into the scanned text. Optional white space around the value is cut.
struct Field {
  std::string_view name;
  std::string_view value;
};

enum class BodyKind { none, length, chunked, until_close };

/// Why a head is refused: the status to answer and a sentence. Status 0: it is fine.
struct HeadProblem {
  int status = 0;
  std::string_view reason;

  explicit operator bool() const { return status != 0; }
};

/// An HTTP/1.x request head as scanned. Views point into the text, which must outlive this.
struct RequestHead {
  std::string_view method;
  std::string_view target; ///< origin form ("/a?b"), or "*" of OPTIONS
  int minor_version = 1;
  std::vector<Field> fields;
  std::string_view host;
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool upgrades_to_websocket = false;

  [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }

  [[nodiscard]] std::string_view query() const;
  /// The first field of that name (case does not matter); empty when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
};

struct ResponseHead {
  int status = 0;
  int minor_version = 1;
  std::string_view reason;
  std::vector<Field> fields;
  bool keep_alive = true;
  bool is_event_stream = false;
  bool chunked = false;
  bool has_length = false;
  std::uint64_t content_length = 0;

  /// How the body ends, which depends on the request's method (RFC 9112 6.3).
  [[nodiscard]] BodyKind body(std::string_view request_method) const;
};

inline constexpr std::size_t k_max_head = 64UL * 1024;
inline constexpr std::size_t k_max_fields = 200;

/// Length of the head with its empty line, 0 if the end has not come. `from`: where to go on searching.
std::size_t find_head_end(std::string_view text, std::size_t from);

/// Scans a complete request head, strictly: what two servers could read in two ways is refused (bare CR or LF,
/// folded lines, white space before the colon, several or odd Content-Length, Content-Length beside
/// Transfer-Encoding, codings but chunked, no or several Host, absolute form with another host).
HeadProblem scan_request(std::string_view text, RequestHead& head);

/// Scans a complete response head of an app.
HeadProblem scan_response(std::string_view text, ResponseHead& head);

/// True if a comma-separated field value holds this word (case does not matter).
bool has_word(std::string_view list, std::string_view word);

} // namespace pier::apps

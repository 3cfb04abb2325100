#include "core/apps/gateway/http_head.hpp"

#include "core/base/text.hpp"

#include <array>
#include <charconv>

namespace pier::apps {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}

constexpr auto k_token = make_token_table();

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!k_token[static_cast<unsigned char>(c)]) {
      return false;
    }
  }
  return !text.empty();
}

/// Visible characters, space, tab and bytes above ASCII (RFC 9110 5.5).
bool is_field_value(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      return false;
    }
  }
  return true;
}

std::string_view cut_white(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

/// Takes one line off the front. False when it does not end in CRLF or holds a bare CR or LF.
bool take_line(std::string_view& text, std::string_view& line) {
  const auto end = text.find_first_of("\r\n");
  if (end == std::string_view::npos || text.compare(end, 2, "\r\n") != 0) {
    return false;
  }
  line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return true;
}

/// What both kinds of head collect from their fields.
struct Framing {
  bool has_length = false;
  std::uint64_t length = 0;
  bool chunked = false;
  bool says_close = false;
  bool says_keep_alive = false;
  bool says_upgrade = false;
};

bool parse_length(std::string_view text, std::uint64_t& length) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), length);
  return !text.empty() && code == std::errc() && end == text.data() + text.size() && length < (1ULL << 62U);
}

HeadProblem take_framing(const Field& field, Framing& framing) {
  if (equals_ignore_case(field.name, "content-length")) {
    if (framing.has_length || !parse_length(field.value, framing.length)) {
      return {400, "Content-Length must be one number"};
    }
    framing.has_length = true;
  } else if (equals_ignore_case(field.name, "transfer-encoding")) {
    if (framing.chunked || !equals_ignore_case(field.value, "chunked")) {
      return {501, "the only Transfer-Encoding that is understood is chunked"};
    }
    framing.chunked = true;
  } else if (equals_ignore_case(field.name, "connection")) {
    framing.says_close = framing.says_close || has_word(field.value, "close");
    framing.says_keep_alive = framing.says_keep_alive || has_word(field.value, "keep-alive");
    framing.says_upgrade = framing.says_upgrade || has_word(field.value, "upgrade");
  }
  return {};
}

HeadProblem scan_fields(std::string_view text, std::vector<Field>& fields, Framing& framing) {
  std::string_view line;
  while (true) {
    if (!take_line(text, line)) {
      return {400, "a line does not end in CRLF"};
    }
    if (line.empty()) {
      break;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return {400, "a header field has no proper name"};
    }
    const Field field{.name = line.substr(0, colon), .value = cut_white(line.substr(colon + 1))};
    if (!is_field_value(field.value)) {
      return {400, "a header field holds a control character"};
    }
    if (fields.size() == k_max_fields) {
      return {431, "there are too many header fields"};
    }
    if (const auto problem = take_framing(field, framing)) {
      return problem;
    }
    fields.push_back(field);
  }
  if (framing.chunked && framing.has_length) {
    return {400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  return {};
}

bool parse_version(std::string_view text, int& minor) {
  if (!text.starts_with("HTTP/1.") || text.size() != 8 || (text[7] != '0' && text[7] != '1')) {
    return false;
  }
  minor = text[7] - '0';
  return true;
}

bool is_target(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '#') {
      return false;
    }
  }
  return !text.empty();
}

HeadProblem scan_request_line(std::string_view line, RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return {400, "the request line has not three parts"};
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!is_token(head.method) || !is_target(head.target)) {
    return {400, "the request line holds a character that may not be there"};
  }
  const auto version = line.substr(last + 1);
  if (!parse_version(version, head.minor_version)) {
    return version.starts_with("HTTP/") ? HeadProblem{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"}
                                        : HeadProblem{400, "the request line has no HTTP version"};
  }
  return {};
}

/// The target becomes origin form; an absolute form must name the same host as Host.
HeadProblem normalise_target(RequestHead& head) {
  if (head.target.front() == '/' || (head.target == "*" && head.method == "OPTIONS")) {
    return {};
  }
  constexpr std::string_view k_scheme = "http://";
  if (head.target.size() <= k_scheme.size() || !equals_ignore_case(head.target.substr(0, k_scheme.size()), k_scheme)) {
    return {400, "the request target is not a path"};
  }
  const auto rest = head.target.substr(k_scheme.size());
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || !equals_ignore_case(rest.substr(0, slash), head.host)) {
    return {400, "the request target names another host than Host"};
  }
  head.target = rest.substr(slash);
  return {};
}

HeadProblem take_host(RequestHead& head) {
  int hosts = 0;
  for (const auto& field : head.fields) {
    if (equals_ignore_case(field.name, "host")) {
      head.host = field.value;
      ++hosts;
    }
  }
  for (const char c : head.host) {
    if (!k_token[static_cast<unsigned char>(c)] && c != ':' && c != '[' && c != ']') {
      return {400, "Host holds a character that may not be there"};
    }
  }
  if (hosts > 1 || (hosts == 0 && head.minor_version == 1) || (hosts == 1 && head.host.empty())) {
    return {400, "exactly one Host is needed"};
  }
  return {};
}

} // namespace

std::string_view RequestHead::query() const {
  const auto mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::string_view RequestHead::get(std::string_view name) const {
  for (const auto& field : fields) {
    if (equals_ignore_case(field.name, name)) {
      return field.value;
    }
  }
  return {};
}

BodyKind ResponseHead::body(std::string_view request_method) const {
  if (request_method == "HEAD" || status < 200 || status == 204 || status == 304) {
    return BodyKind::none;
  }
  if (chunked) {
    return BodyKind::chunked;
  }
  if (has_length) {
    return content_length == 0 ? BodyKind::none : BodyKind::length;
  }
  return BodyKind::until_close;
}

std::size_t find_head_end(std::string_view text, std::size_t from) {
  const auto start = from < 3 ? 0 : from - 3;
  const auto end = text.find("\r\n\r\n", start);
  return end == std::string_view::npos ? 0 : end + 4;
}

HeadProblem scan_request(std::string_view text, RequestHead& head) {
  head = RequestHead();
  std::string_view line;
  if (!take_line(text, line)) {
    return {400, "the request line does not end in CRLF"};
  }
  if (const auto problem = scan_request_line(line, head)) {
    return problem;
  }
  head.fields.reserve(24);
  Framing framing;
  if (const auto problem = scan_fields(text, head.fields, framing)) {
    return problem;
  }
  if (const auto problem = take_host(head)) {
    return problem;
  }
  if (const auto problem = normalise_target(head)) {
    return problem;
  }
  if (framing.chunked && head.minor_version == 0) {
    return {400, "HTTP/1.0 knows no Transfer-Encoding"};
  }
  if (framing.chunked) {
    head.body = BodyKind::chunked;
  } else if (framing.has_length && framing.length > 0) {
    head.body = BodyKind::length;
    head.content_length = framing.length;
  }
  head.keep_alive = !framing.says_close && (head.minor_version == 1 || framing.says_keep_alive);
  head.upgrades_to_websocket = framing.says_upgrade && head.minor_version == 1 && head.method == "GET" &&
                               head.body == BodyKind::none && has_word(head.get("upgrade"), "websocket");
  return {};
}

HeadProblem scan_response(std::string_view text, ResponseHead& head) {
  head = ResponseHead();
  std::string_view line;
  if (!take_line(text, line) || line.size() < 12 || line[8] != ' ' ||
      !parse_version(line.substr(0, 8), head.minor_version)) {
    return {502, "the app's answer is not HTTP/1"};
  }
  const auto [end, code] = std::from_chars(line.data() + 9, line.data() + 12, head.status);
  if (code != std::errc() || end != line.data() + 12 || head.status < 100 || (line.size() > 12 && line[12] != ' ')) {
    return {502, "the app's answer has no status"};
  }
  head.reason = line.size() > 13 ? line.substr(13) : std::string_view();
  Framing framing;
  head.fields.reserve(16);
  if (const auto problem = scan_fields(text, head.fields, framing)) {
    return {502, problem.reason};
  }
  head.chunked = framing.chunked;
  head.has_length = framing.has_length;
  head.content_length = framing.length;
  head.keep_alive = !framing.says_close && (head.minor_version == 1 || framing.says_keep_alive);
  for (const auto& field : head.fields) {
    constexpr std::string_view k_stream = "text/event-stream";
    if (equals_ignore_case(field.name, "content-type") &&
        equals_ignore_case(field.value.substr(0, k_stream.size()), k_stream)) {
      head.is_event_stream = true;
    }
  }
  return {};
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (equals_ignore_case(cut_white(list.substr(0, comma)), word)) {
      return true;
    }
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

} // namespace pier::apps

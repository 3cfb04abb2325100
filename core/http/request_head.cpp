#include "core/http/request_head.hpp"

#include "core/base/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <limits>

namespace pier::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

std::string to_std(beast::string_view text) {
  return {text.data(), text.size()};
}

/// Beast's parser, filling a RequestHead without a container of its own between.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  HeadParser() {
    header_limit(k_max_head);
    body_limit(std::numeric_limits<std::uint64_t>::max());
  }

  RequestHead head;
  std::string target;
  int version = 11;

 private:
  void on_request_impl(beast::http::verb /*verb*/, beast::string_view method, beast::string_view wanted,
                       int parsed_version, error_code& /*ec*/) override {
    head.method = to_std(method);
    target = to_std(wanted);
    version = parsed_version;
  }

  void on_field_impl(beast::http::field /*field*/, beast::string_view name, beast::string_view value,
                     error_code& /*ec*/) override {
    head.headers.add(std::string_view(name.data(), name.size()), to_std(value));
  }

  void on_header_impl(error_code& /*ec*/) override {}

  void on_response_impl(int, beast::string_view, int, error_code& /*ec*/) override {}

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& /*ec*/) override {}

  std::size_t on_body_impl(beast::string_view, error_code& /*ec*/) override { return 0; }

  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code& /*ec*/) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code& /*ec*/) override { return 0; }

  void on_finish_impl(error_code& /*ec*/) override {}
};

/// What the fields that matter to the server say, collected in one pass.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  std::string length;
  std::string coding;
  std::string connection; ///< all Connection fields, lower case, comma separated
  std::string upgrade;
  std::string expect;
};

Framing collect_framing(const Headers& headers) {
  Framing framing;
  for (const auto& [name, value] : headers.all()) {
    if (equals_ignore_case(name, "Host")) {
      ++framing.hosts;
    } else if (equals_ignore_case(name, "Content-Length")) {
      ++framing.lengths;
      framing.length = value;
    } else if (equals_ignore_case(name, "Transfer-Encoding")) {
      ++framing.codings;
      framing.coding = value;
    } else if (equals_ignore_case(name, "Connection")) {
      framing.connection += ',' + to_lower(value);
    } else if (equals_ignore_case(name, "Upgrade")) {
      framing.upgrade = value;
    } else if (equals_ignore_case(name, "Expect")) {
      framing.expect = value;
    }
  }
  return framing;
}

bool has_token(std::string_view list, std::string_view token) {
  const auto parts = split(list, ',');
  return std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return trim(part) == token; });
}

std::optional<BadHead> apply_length(const Framing& framing, RequestHead& head) {
  if (framing.lengths > 1 || (framing.lengths == 1 && framing.codings > 0)) {
    return BadHead{400, "the request states its length more than once"};
  }
  if (framing.lengths == 1) {
    std::int64_t length = 0;
    const auto& text = framing.length;
    const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || !parse_int64(text, length)) {
      return BadHead{400, "Content-Length is not a number"};
    }
    head.content_length = static_cast<std::uint64_t>(length);
  }
  if (framing.codings > 0) {
    if (framing.codings > 1 || !equals_ignore_case(framing.coding, "chunked")) {
      return BadHead{501, "the only transfer coding that is understood is chunked"};
    }
    if (head.is_http_1_0) {
      return BadHead{400, "HTTP/1.0 has no transfer codings"};
    }
    head.chunked = true;
  }
  return std::nullopt;
}

std::optional<BadHead> apply_framing(RequestHead& head) {
  const auto framing = collect_framing(head.headers);
  if (framing.hosts > 1 || (framing.hosts == 0 && !head.is_http_1_0)) {
    return BadHead{400, "a request needs exactly one Host"};
  }
  if (auto bad = apply_length(framing, head)) {
    return bad;
  }
  head.keep_alive =
      head.is_http_1_0 ? has_token(framing.connection, "keep-alive") : !has_token(framing.connection, "close");
  if (!framing.expect.empty()) {
    if (!equals_ignore_case(framing.expect, "100-continue")) {
      return BadHead{417, "the only expectation that is understood is 100-continue"};
    }
    head.expects_continue = !head.is_http_1_0;
  }
  head.wants_websocket = head.method == "GET" && equals_ignore_case(framing.upgrade, "websocket") &&
                         has_token(framing.connection, "upgrade") && !head.has_body();
  return std::nullopt;
}

/// Origin-form, absolute-form (its authority replaces Host, RFC 9112 3.2.2) or "*".
std::optional<BadHead> apply_target(std::string target, RequestHead& head) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() &&
        equals_ignore_case(std::string_view(target).substr(0, scheme.size()), scheme)) {
      const auto end = target.find_first_of("/?", scheme.size());
      head.headers.set("Host", target.substr(scheme.size(), end == std::string::npos ? end : end - scheme.size()));
      target = end == std::string::npos ? "/" : target.substr(end);
      if (target.front() == '?') {
        target.insert(target.begin(), '/');
      }
      break;
    }
  }
  if (target == "*" && head.method == "OPTIONS") {
    head.path = std::move(target);
    return std::nullopt;
  }
  if (target.empty() || target.front() != '/') {
    return BadHead{400, "the request's target is not a path"};
  }
  target.resize(std::min(target.find('#'), target.size()));
  const auto question = std::min(target.find('?'), target.size());
  if (question < target.size()) {
    head.query = Query::parse(std::string_view(target).substr(question + 1));
  }
  target.resize(question);
  head.path = std::move(target);
  return std::nullopt;
}

BadHead bad_head_of(const error_code& code) {
  if (code == beast::http::error::header_limit) {
    return {431, "the request's head is larger than 64 KiB"};
  }
  if (code == beast::http::error::bad_version) {
    return {505, "only HTTP/1.0 and HTTP/1.1 are understood"};
  }
  return {400, "the request is malformed"};
}

} // namespace

std::optional<std::size_t> find_head_end(std::string_view text, std::size_t& searched) {
  const auto end = text.find("\r\n\r\n", searched);
  if (end != std::string_view::npos) {
    return end + 4;
  }
  searched = text.size() < 3 ? 0 : text.size() - 3;
  return std::nullopt;
}

std::variant<RequestHead, BadHead> parse_request_head(std::string_view text) {
  // Continued lines (obs-fold) are long forbidden and read differently by different parsers.
  if (text.find("\r\n ") != std::string_view::npos || text.find("\r\n\t") != std::string_view::npos) {
    return BadHead{400, "a header field is continued on a further line"};
  }
  HeadParser parser;
  error_code code;
  const auto used = parser.put(boost::asio::const_buffer(text.data(), text.size()), code);
  if (code) {
    return bad_head_of(code);
  }
  if (!parser.is_header_done() || used != text.size()) {
    return BadHead{400, "the request is malformed"};
  }
  auto head = std::move(parser.head);
  head.is_http_1_0 = parser.version == 10;
  if (auto bad = apply_target(std::move(parser.target), head)) {
    return *bad;
  }
  if (auto bad = apply_framing(head)) {
    return *bad;
  }
  return head;
}

} // namespace pier::http

#include "core/http/request_head.hpp"

#include <doctest/doctest.h>

using pier::http::BadHead;
using pier::http::parse_request_head;
using pier::http::RequestHead;

namespace {

RequestHead parsed(std::string_view text) {
  auto result = parse_request_head(text);
  REQUIRE(std::holds_alternative<RequestHead>(result));
  return std::get<RequestHead>(std::move(result));
}

/// The status of the refusal; 0 when it was accepted.
int refusal(std::string_view text) {
  const auto result = parse_request_head(text);
  const auto* bad = std::get_if<BadHead>(&result);
  return bad != nullptr ? bad->status : 0;
}

} // namespace

TEST_CASE("request head: method, raw path, query and fields") {
  const auto head = parsed("GET /api/2.0/x%2Fy?a=b%20c HTTP/1.1\r\nHost: h\r\nX-A:  1 \r\n\r\n");
  CHECK(head.method == "GET");
  CHECK(head.path == "/api/2.0/x%2Fy");
  CHECK(head.query.get("a") == "b c");
  CHECK(head.headers.get("x-a") == "1");
  CHECK(head.keep_alive);
  CHECK_FALSE(head.has_body());
}

TEST_CASE("request head: absolute targets replace Host") {
  const auto head = parsed("GET http://other:1/p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(head.path == "/p");
  CHECK(head.headers.get("Host") == "other:1");
  CHECK(parsed("GET http://other?q=1 HTTP/1.1\r\nHost: h\r\n\r\n").path == "/");
  CHECK(parsed("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").path == "*");
}

TEST_CASE("request head: keep-alive by version and Connection") {
  CHECK_FALSE(parsed("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n").keep_alive);
  CHECK_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  CHECK_FALSE(parsed("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, close\r\n\r\n").keep_alive);
}

TEST_CASE("request head: bodies") {
  CHECK(parsed("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\n").content_length == 12U);
  CHECK(parsed("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").chunked);
  CHECK(parsed("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

TEST_CASE("request head: WebSocket upgrades") {
  CHECK(parsed("GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n")
            .wants_websocket);
  CHECK_FALSE(parsed("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n").wants_websocket);
  CHECK_FALSE(
      parsed("POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").wants_websocket);
}

TEST_CASE("request head: what two parsers could read differently is refused") {
  const auto with = [](std::string_view fields) {
    return refusal("POST / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n");
  };
  CHECK(with("") == 0);
  CHECK(with("Content-Length: 1\r\nContent-Length: 2\r\n") == 400);
  CHECK(with("Content-Length: 1\r\nContent-Length: 1\r\n") == 400);
  CHECK(with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(with("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n") == 400);
  CHECK(with("Content-Length: +1\r\n") == 400);
  CHECK(with("Content-Length: -1\r\n") == 400);
  CHECK(with("Content-Length: 1, 1\r\n") == 400);
  CHECK(with("Content-Length: 0x10\r\n") == 400);
  CHECK(with("Content-Length: \r\n") == 400);
  CHECK(with("Content-Length: 99999999999999999999999\r\n") == 400);
  CHECK(with("Transfer-Encoding: gzip, chunked\r\n") == 501);
  CHECK(with("Transfer-Encoding: xchunked\r\n") == 501);
  CHECK(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") != 0);
  CHECK(with("Transfer-Encoding : chunked\r\n") == 400);
  CHECK(with(" Transfer-Encoding: chunked\r\n") == 400);
  CHECK(with("X: a\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(with("X\r\n") == 400);
  CHECK(with("Host: other\r\n") == 400);
  CHECK(with("Expect: magic\r\n") == 417);
  CHECK(refusal("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(refusal("GET  / HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  CHECK(refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == 505);
  CHECK(refusal("GET x HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  CHECK(refusal("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
}

TEST_CASE("request head: the end is found in pieces") {
  const std::string_view text = "GET / HTTP/1.1\r\nHost: h\r\n\r\nrest";
  std::size_t searched = 0;
  for (std::size_t length = 0; length < text.size() - 4; ++length) {
    CHECK_FALSE(pier::http::find_head_end(text.substr(0, length), searched));
  }
  CHECK(pier::http::find_head_end(text, searched) == text.size() - 4);
}

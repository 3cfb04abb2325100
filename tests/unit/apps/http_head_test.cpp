#include "core/apps/gateway/body_tracker.hpp"
#include "core/apps/gateway/http_head.hpp"
#include "core/apps/gateway/identity_fields.hpp"

#include <doctest/doctest.h>

#include <string>

namespace pier::apps {
namespace {

int status_of(const std::string& text) {
  RequestHead head;
  return scan_request(text, head).status;
}

TEST_CASE("http head: a request is taken apart") {
  const std::string text = "POST /a/b?c=d HTTP/1.1\r\nHost: h:1\r\nContent-Length:  12 \r\nX:\r\n\r\n";
  RequestHead head;
  REQUIRE_FALSE(scan_request(text, head));
  CHECK(head.method == "POST");
  CHECK(head.path() == "/a/b");
  CHECK(head.query() == "c=d");
  CHECK(head.host == "h:1");
  CHECK(head.body == BodyKind::length);
  CHECK(head.content_length == 12);
  CHECK(head.keep_alive);
  CHECK(head.get("x").empty());
}

TEST_CASE("http head: the end of a head is found across pieces") {
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\nbody";
  std::size_t have = 0;
  std::size_t end = 0;
  for (; end == 0 && have < text.size(); ++have) {
    end = find_head_end(std::string_view(text).substr(0, have + 1), have);
  }
  CHECK(have == text.size() - 4);
  CHECK(end == text.size() - 4);
}

TEST_CASE("http head: keep-alive by version and Connection") {
  const auto keeps = [](const std::string& version, const std::string& fields) {
    RequestHead head;
    const auto text = "GET / HTTP/" + version + "\r\nHost: x\r\n" + fields + "\r\n";
    REQUIRE_FALSE(scan_request(text, head));
    return head.keep_alive;
  };
  CHECK(keeps("1.1", ""));
  CHECK_FALSE(keeps("1.1", "Connection: X, Close\r\n"));
  CHECK_FALSE(keeps("1.0", ""));
  CHECK(keeps("1.0", "Connection: keep-alive\r\n"));
}

TEST_CASE("http head: the absolute form must name the Host") {
  CHECK(status_of("GET http://x/a HTTP/1.1\r\nHost: X\r\n\r\n") == 0);
  CHECK(status_of("GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
  CHECK(status_of("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
  CHECK(status_of("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n") == 0);
  CHECK(status_of("GET * HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
}

TEST_CASE("http head: Host is a name and a port, nothing else") {
  CHECK(status_of("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n") == 0);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\tb\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n") == 400);
}

TEST_CASE("http head: too many fields are refused") {
  std::string text = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 200; ++i) {
    text += "A: b\r\n";
  }
  CHECK(status_of(text + "\r\n") == 431);
}

TEST_CASE("http head: how a response's body ends") {
  const auto kind = [](const std::string& text, std::string_view method) {
    ResponseHead head;
    REQUIRE_FALSE(scan_response(text, head));
    return head.body(method);
  };
  CHECK(kind("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "GET") == BodyKind::length);
  CHECK(kind("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "HEAD") == BodyKind::none);
  CHECK(kind("HTTP/1.1 204 No Content\r\n\r\n", "GET") == BodyKind::none);
  CHECK(kind("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", "GET") == BodyKind::none);
  CHECK(kind("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET") == BodyKind::chunked);
  CHECK(kind("HTTP/1.1 200\r\n\r\n", "GET") == BodyKind::until_close);
  ResponseHead head;
  CHECK(scan_response("HTTP/2 200\r\n\r\n", head).status == 502);
  CHECK(scan_response("SSH-2.0-OpenSSH\r\n\r\n", head).status == 502);
}

TEST_CASE("body tracker: chunked bodies end after their trailers, what follows is not theirs") {
  const std::string body = "4\r\nwiki\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n";
  const std::string text = body + "GET / HTTP/1.1\r\n";
  BodyTracker whole(BodyKind::chunked);
  CHECK(whole.advance(text) == body.size());
  CHECK(whole.done());
  BodyTracker pieces(BodyKind::chunked);
  std::size_t taken = 0;
  while (!pieces.done()) {
    taken += pieces.advance(std::string_view(text).substr(taken, 1));
  }
  CHECK(taken == body.size());
}

TEST_CASE("body tracker: broken chunks are noticed") {
  for (const char* text : {"x\r\n", "5\nhello", "5\r\nhelloX", "-1\r\n", "1000000000000000\r\n", "\r\n", "5 5\r\n\n"}) {
    BodyTracker tracker(BodyKind::chunked);
    tracker.advance(text);
    INFO(text);
    CHECK(tracker.broken());
  }
}

TEST_CASE("body tracker: a length is a length") {
  BodyTracker tracker(BodyKind::length, 5);
  CHECK(tracker.advance("abc") == 3);
  CHECK_FALSE(tracker.done());
  CHECK(tracker.advance("defgh") == 2);
  CHECK(tracker.done());
  CHECK(tracker.advance("x") == 0);
}

TEST_CASE("identity fields: framing that is spelt with an underscore does not reach the app") {
  const std::string text = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent_Length: 9\r\n"
                           "Transfer_Encoding: chunked\r\nConnection: Content-Length\r\n\r\n";
  RequestHead head;
  REQUIRE_FALSE(scan_request(text, head));
  const auto upstream = upstream_head(head, {}, "127.0.0.1", "id");
  CHECK(upstream.find("Content-Length: 1\r\n") != std::string::npos);
  CHECK(upstream.find("Content_Length") == std::string::npos);
  CHECK(upstream.find("Transfer_Encoding") == std::string::npos);
}

TEST_CASE("identity fields: a line break in a name makes no field") {
  RequestHead head;
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  REQUIRE_FALSE(scan_request(text, head));
  const auto upstream = upstream_head(head, {.user_name = "ada\r\nX-Evil: 1"}, "127.0.0.1", "id");
  CHECK(upstream.find("\r\nX-Evil") == std::string::npos);
}

} // namespace
} // namespace pier::apps

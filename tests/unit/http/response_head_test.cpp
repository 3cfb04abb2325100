#include "core/http/response_head.hpp"

#include <doctest/doctest.h>

using pier::http::Headers;
using pier::http::Response;
using pier::http::write_response_head;

TEST_CASE("response head: status line, fields, length") {
  const auto head = write_response_head(Response::text(404, "abc"), Headers{{"X-Common", "1"}}, {}, "D");
  CHECK(head == "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nX-Common: 1\r\nDate: D\r\n"
                "Content-Length: 3\r\n\r\n");
}

TEST_CASE("response head: line breaks in values cannot make new fields") {
  Response response;
  response.headers.add("X", "a\r\nSet-Cookie: evil=1");
  const auto head = write_response_head(response, {}, {}, "D");
  CHECK(head.find("\r\nSet-Cookie") == std::string::npos);
}

TEST_CASE("response head: a route cannot break the framing") {
  Response response;
  response.body = "abc";
  response.headers.add("Content-Length", "9");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("Connection", "upgrade");
  const auto head = write_response_head(response, {}, {.keep_alive = false}, "D");
  CHECK(head == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
}

TEST_CASE("response head: HEAD may state another length, 204 states none") {
  Response response;
  response.headers.add("Content-Length", "9");
  CHECK(write_response_head(response, {}, {.is_head_request = true}, "D").find("Content-Length: 9\r\n") !=
        std::string::npos);
  response.status = 204;
  CHECK(write_response_head(response, {}, {}, "D").find("Content-Length") == std::string::npos);
}

TEST_CASE("response head: HTTP/1.0 is told that the connection stays") {
  CHECK(write_response_head({}, {}, {.keep_alive = true, .is_http_1_0 = true}, "D").find("Connection: keep-alive") !=
        std::string::npos);
}

#include "core/http/body_reader.hpp"

#include <doctest/doctest.h>

using pier::http::BodyReader;
using pier::http::BodySink;
using pier::http::InputBuffer;
using pier::http::RequestHead;

namespace {

void put(InputBuffer& input, std::string_view bytes) {
  for (const char c : bytes) {
    *input.free_space() = c;
    input.commit(1);
  }
}

} // namespace

TEST_CASE("body reader: stops where the body ends") {
  for (const bool chunked : {false, true}) {
    RequestHead head;
    head.chunked = chunked;
    if (!chunked) {
      head.content_length = 5;
    }
    BodySink sink(100, 100, "/nonexistent");
    BodyReader reader(head, sink);
    InputBuffer input(4);
    const std::string body = chunked ? "5\r\nhello\r\n0\r\n\r\n" : "hello";
    put(input, body.substr(0, 4));
    CHECK_FALSE(reader.feed(input).value());
    put(input, body.substr(4) + "GET /next");
    CHECK(reader.feed(input).value());
    CHECK(sink.memory() == "hello");
    CHECK(input.view() == "GET /next");
  }
}

TEST_CASE("body reader: malformed chunks and bodies above the limit are errors") {
  RequestHead head;
  head.chunked = true;
  InputBuffer input(64);
  BodySink sink(3, 3, "/nonexistent");
  put(input, "x\r\n");
  CHECK(BodyReader(head, sink).feed(input).error().kind == pier::ErrorKind::invalid_argument);
  InputBuffer large(64);
  put(large, "5\r\nhello\r\n0\r\n\r\n");
  CHECK(BodyReader(head, sink).feed(large).error().kind == pier::ErrorKind::too_large);
}

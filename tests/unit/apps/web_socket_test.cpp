#include "core/apps/gateway/web_socket.hpp"

#include <doctest/doctest.h>

namespace pier::apps {

TEST_CASE("web socket: data frames count, pings and pongs do not, whatever the pieces") {
  const std::string ping("\x89\x00", 2);
  const std::string text = text_frame("hello");
  const std::string large = text_frame(std::string(70'000, 'x'));
  FrameObserver observer;
  CHECK_FALSE(observer.observe(ping));
  CHECK(observer.observe(text + ping));
  CHECK(observer.at_boundary());
  bool data = false;
  for (const char c : large) {
    data = observer.observe(std::string_view(&c, 1)) || data;
  }
  CHECK(data);
  CHECK(observer.at_boundary());
  observer.observe(std::string_view(text).substr(0, 3));
  CHECK_FALSE(observer.at_boundary());
}

TEST_CASE("web socket: frames of clients are unmasked, unmasked ones refused") {
  bool broken = false;
  const std::string masked("\x81\x82\x01\x02\x03\x04\x69\x6b", 8);
  const auto frame = parse_client_frame(masked + "rest", broken);
  REQUIRE(frame);
  CHECK(frame->payload == "hi");
  CHECK(frame->size == masked.size());
  CHECK_FALSE(parse_client_frame(masked.substr(0, 7), broken));
  CHECK_FALSE(broken);
  CHECK_FALSE(parse_client_frame(text_frame("hi"), broken));
  CHECK(broken);
}

TEST_CASE("web socket: the accept key of RFC 6455") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

} // namespace pier::apps

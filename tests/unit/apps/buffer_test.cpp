#include "core/apps/gateway/buffer.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

namespace pier::apps {
namespace {

/// As a read of `text` would; false when there is no room for all of it.
bool read_into(Buffer& buffer, const std::string& text) {
  const auto room = buffer.room();
  if (room.size < text.size()) {
    return false;
  }
  std::memcpy(room.data, text.data(), text.size());
  buffer.commit(text.size());
  return true;
}

TEST_CASE("buffer: grows in steps when reads fill it, and keeps what was not used") {
  Buffer buffer;
  CHECK(buffer.room().size == Buffer::k_small);
  std::string expected(Buffer::k_small, 'a');
  REQUIRE(read_into(buffer, expected));
  CHECK(buffer.room().size == Buffer::k_max_head - Buffer::k_small);
  const std::string second(Buffer::k_max_head - Buffer::k_small, 'b');
  REQUIRE(read_into(buffer, second));
  expected += second;
  CHECK(buffer.full());
  CHECK(buffer.room().size == Buffer::k_large - Buffer::k_max_head);
  CHECK(buffer.view() == expected);
}

TEST_CASE("buffer: what was used makes room in front of the rest") {
  Buffer buffer;
  REQUIRE(read_into(buffer, std::string(Buffer::k_small - 1, 'a') + "b"));
  buffer.consume(Buffer::k_small - 1);
  CHECK(buffer.room().size >= Buffer::k_small - 1);
  CHECK(buffer.view() == "b");
  CHECK_FALSE(buffer.full());
}

TEST_CASE("buffer: gives its size back only when it is empty") {
  Buffer buffer;
  REQUIRE(read_into(buffer, std::string(Buffer::k_small, 'a')));
  REQUIRE(read_into(buffer, "b"));
  buffer.shrink();
  CHECK(buffer.view().size() == Buffer::k_small + 1);
  buffer.consume(Buffer::k_small + 1);
  buffer.shrink();
  CHECK(buffer.room().size == Buffer::k_small);
}

} // namespace
} // namespace pier::apps

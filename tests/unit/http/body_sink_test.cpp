#include "core/base/files.hpp"
#include "core/http/body_sink.hpp"

#include <doctest/doctest.h>

using pier::http::BodySink;

TEST_CASE("body sink: small bodies stay in memory") {
  BodySink sink(8, 100, "/nonexistent");
  REQUIRE(sink.append("1234"));
  REQUIRE(sink.append("5678"));
  CHECK(sink.memory() == "12345678");
  CHECK(sink.file().empty());
}

TEST_CASE("body sink: large bodies go to a private file that goes with it") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  std::filesystem::path path;
  {
    BodySink sink(8, 100, folder->path());
    REQUIRE(sink.append("12345678"));
    REQUIRE(sink.append("9"));
    REQUIRE(sink.append("abc"));
    path = sink.file();
    CHECK(pier::read_file(path).value() == "123456789abc");
    CHECK(sink.memory().empty());
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::group_all) ==
          std::filesystem::perms::none);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("body sink: a body above the limit is too_large") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  BodySink sink(8, 16, folder->path());
  REQUIRE(sink.append("0123456789abcdef"));
  const auto more = sink.append("g");
  REQUIRE_FALSE(more);
  CHECK(more.error().kind == pier::ErrorKind::too_large);
}

TEST_CASE("body sink: a missing folder is an error") {
  BodySink sink(1, 16, "/nonexistent/folder");
  CHECK_FALSE(sink.append("12"));
}

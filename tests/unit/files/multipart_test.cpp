#include "core/files/multipart.hpp"

#include <doctest/doctest.h>

namespace pier::files {
namespace {

constexpr std::string_view k_type = "multipart/form-data; boundary=\"b1\"";

} // namespace

TEST_CASE("multipart: parts with their names and exact bytes") {
  const auto parts =
      parse_multipart(k_type, "--b1\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n/x\r\n"
                              "--b1\r\ncontent-disposition: form-data; name=content; filename=\"a.py\"\r\n"
                              "Content-Type: text/plain\r\n\r\nline\r\n--b2\r\n\r\n--b1--\r\n");
  REQUIRE(parts);
  REQUIRE(parts->size() == 2);
  CHECK((*parts)[0].name == "path");
  CHECK((*parts)[0].content == "/x");
  CHECK((*parts)[1].name == "content");
  CHECK((*parts)[1].file_name == "a.py");
  CHECK((*parts)[1].content == "line\r\n--b2\r\n");
}

TEST_CASE("multipart: an empty form and empty parts are fine") {
  CHECK(parse_multipart("multipart/form-data; boundary=b1", "--b1--\r\n")->empty());
  const auto parts = parse_multipart(k_type, "--b1\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n--b1--");
  REQUIRE(parts->size() == 1);
  CHECK(parts->front().content.empty());
}

TEST_CASE("multipart: broken forms are refused") {
  for (const auto* bad : {"", "--b2--", "--b1", "--b1\r\n", "--b1\r\nno headers end", "--b1\r\n\r\nnot closed",
                          "--b1x\r\n\r\n\r\n--b1--"}) {
    CAPTURE(bad);
    CHECK(parse_multipart(k_type, bad).error().code == "MALFORMED_REQUEST");
  }
  CHECK_FALSE(parse_multipart("multipart/form-data", "--b1--"));
  std::string many;
  for (int i = 0; i < 200; ++i) {
    many += "--b1\r\n\r\nx\r\n";
  }
  CHECK_FALSE(parse_multipart(k_type, many + "--b1--"));
}

} // namespace pier::files

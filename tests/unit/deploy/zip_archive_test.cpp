#include "core/deploy/zip_archive.hpp"

#include <doctest/doctest.h>

using pier::deploy::ZipArchive;

namespace {

std::string packed(std::string_view content) {
  ZipArchive archive;
  archive.add("a.txt", content);
  return std::move(archive).finish();
}

} // namespace

TEST_CASE("zip: headers, checksum and directory") {
  const auto bytes = packed("123456789");
  CHECK(bytes.size() == 30 + 5 + 9 + 46 + 5 + 22);
  CHECK(bytes.starts_with("PK\x03\x04"));
  CHECK(bytes.substr(14, 4) == "\x26\x39\xF4\xCB"); // the check value of CRC-32
  CHECK(bytes.substr(30, 14) == "a.txt123456789");
  CHECK(bytes.substr(44, 4) == "PK\x01\x02");
  CHECK(bytes.substr(95, 4) == "PK\x05\x06");
}

TEST_CASE("zip: the same members give the same bytes") {
  CHECK(packed("x") == packed("x"));
  CHECK(packed("x") != packed("y"));
}

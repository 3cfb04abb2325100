#include "core/base/encoding.hpp"

#include "core/base/digest.hpp"

#include <doctest/doctest.h>

using namespace std::string_literals;

TEST_CASE("encoding: base64 round-trips every length") {
  for (std::size_t size = 0; size < 8; ++size) {
    const auto bytes = "\x00\xFF\x7Fxyz\x80w"s.substr(0, size);
    CHECK(pier::base64_decode(pier::base64_encode(bytes)).value() == bytes);
    CHECK(pier::base64_decode(pier::base64url_encode(bytes)).value() == bytes);
  }
  CHECK(pier::base64_encode("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
  CHECK_FALSE(pier::base64_decode("a*b="));
}

TEST_CASE("encoding: percent escapes") {
  CHECK(pier::percent_encode("a b/ü", true) == "a%20b/%C3%BC");
  CHECK(pier::percent_decode("a%20b%2F+").value() == "a b/+");
  CHECK(pier::percent_decode("a+b", true).value() == "a b");
  CHECK_FALSE(pier::percent_decode("%4"));
  CHECK_FALSE(pier::percent_decode("%zz"));
}

TEST_CASE("encoding: UTF-8 check refuses overlong, surrogates and cut sequences") {
  CHECK(pier::is_valid_utf8("aü€😀"));
  CHECK_FALSE(pier::is_valid_utf8("\xC0\x80"));
  CHECK_FALSE(pier::is_valid_utf8("\xED\xA0\x80"));
  CHECK_FALSE(pier::is_valid_utf8("\xE2\x82"));
}

TEST_CASE("digest: known answers") {
  CHECK(pier::hex_encode(pier::sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(pier::hex_encode(pier::md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
  const auto uuid = pier::random_uuid();
  CHECK(uuid.size() == 36);
  CHECK(uuid[14] == '4');
}

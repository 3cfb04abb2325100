#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/deploy/gzip.hpp"
#include "core/deploy/tar_archive.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace pier;
using namespace pier::deploy;

namespace {

/// In one piece.
std::string packed(std::string_view text) {
  Gzip out;
  out.write(text);
  return std::move(out).finish();
}

std::string digest_of(std::string_view bytes) {
  return hex_encode(sha256(bytes)).substr(0, 16);
}

} // namespace

TEST_CASE("gzip: the same bytes give the same archive, without a time") {
  const auto once = packed(std::string(70'000, 'a'));
  CHECK(once == packed(std::string(70'000, 'a')));
  CHECK(once.size() < 500);
  CHECK(hex_encode(once).starts_with("1f8b080000000000"));
  CHECK(hex_encode(Gzip().finish()) == "1f8b08000000000000030300000000000000000"
                                       "0"); // an empty last block
}

TEST_CASE("tar: names, modes and padding") {
  std::string out;
  TarArchive archive([&](std::string_view piece) { out += piece; });
  archive.add("src/train.py", "print(1)\n", true);
  archive.add("src/" + std::string(90, 'a') + "/" + std::string(90, 'b'), "", false);
  archive.add("src/" + std::string(190, 'a') + "/\xc3\xa4", std::string(512, 'x'), false);
  archive.finish();
  CHECK(out.size() % 512 == 0);
  CHECK(digest_of(out) == "30af0941e5e647d7");
}

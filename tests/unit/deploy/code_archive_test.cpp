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

std::string words(std::size_t size) {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < size) {
    state = state * 1103515245U + 12345U;
    text += "word" + std::to_string((state >> 16U) % 500) + ((state >> 8U) % 7 == 0 ? "\n" : " ");
  }
  text.resize(size);
  return text;
}

std::string noise(std::size_t size) {
  std::string text;
  std::uint32_t state = 7;
  while (text.size() < size) {
    state = state * 1103515245U + 12345U;
    text += static_cast<char>(state >> 24U);
  }
  return text;
}

/// The digests below were computed with Go 1.26's compress/gzip and archive/tar.
std::string digest_of(std::string_view bytes) {
  return hex_encode(sha256(bytes)).substr(0, 16);
}

} // namespace

TEST_CASE("gzip: nothing is an empty last block") {
  CHECK(hex_encode(Gzip().finish()) == "1f8b08000000000000ff010000ffff0000000000000000");
}

TEST_CASE("gzip: the same bytes as Go's compress/gzip") {
  CHECK(digest_of(packed("a")) == "f1a7c8e8de042bc4");
  CHECK(digest_of(packed(std::string(70'000, 'a'))) == "649ad8fcd31abbec");
  CHECK(digest_of(packed(words(300))) == "a07a861100b234f6");
  CHECK(digest_of(packed(words(300'000))) == "b9320ecbf0ce1cde");
  CHECK(digest_of(packed(noise(100'000))) == "446dc06ee1d0efc1");
}

TEST_CASE("tar: names, modes and padding as Go's archive/tar") {
  std::string out;
  TarArchive archive([&](std::string_view piece) { out += piece; });
  archive.add("src/train.py", "print(1)\n", true);
  archive.add("src/" + std::string(90, 'a') + "/" + std::string(90, 'b'), "", false);
  archive.add("src/" + std::string(190, 'a') + "/\xc3\xa4", std::string(512, 'x'), false);
  archive.finish();
  CHECK(out.size() % 512 == 0);
  CHECK(digest_of(out) == "30af0941e5e647d7");
}

#include "core/http/chunked_decoder.hpp"

#include <doctest/doctest.h>

using pier::http::ChunkedDecoder;
using State = ChunkedDecoder::State;

namespace {

struct Decoded {
  State state = State::more;
  std::string content;
  std::string rest;
};

Decoded decode(std::string_view text, std::size_t piece) {
  Decoded result;
  ChunkedDecoder decoder;
  while (!text.empty() && result.state == State::more) {
    auto view = text.substr(0, piece);
    const auto before = view.size();
    result.state = decoder.feed(view, result.content);
    text.remove_prefix(before - view.size());
  }
  result.rest = text;
  return result;
}

} // namespace

TEST_CASE("chunked: content, extensions, trailers and what follows") {
  const std::string_view text = "4\r\nWiki\r\n6;a=\"b\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nX: y\r\n\r\nGET /";
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    const auto result = decode(text, piece);
    CHECK(result.state == State::done);
    CHECK(result.content == "Wikipedia in \r\n\r\nchunks.");
    CHECK(result.rest == "GET /");
  }
}

TEST_CASE("chunked: malformed bodies are refused") {
  for (const auto* text : {"x\r\n", "\r\n", "4\nWiki", "4\r\nWikiX\r\n", "4\r\nWiki\n", "-1\r\n",
                           "1000000000000000\r\n", "0\r\n\nX", "4 \n", "+4\r\n", "0x4\r\n"}) {
    CAPTURE(text);
    CHECK(decode(text, 100).state == State::bad);
  }
}

TEST_CASE("chunked: endless extensions and trailers are refused") {
  CHECK(decode("4;" + std::string(20'000, 'a'), 4096).state == State::bad);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 2000; ++i) {
    trailers += "X-Trailer: 1\r\n";
  }
  CHECK(decode(trailers, 4096).state == State::bad);
}

TEST_CASE("chunked: an unfinished body wants more") {
  CHECK(decode("4\r\nWi", 100).state == State::more);
  CHECK(decode("0\r\n", 100).state == State::more);
}

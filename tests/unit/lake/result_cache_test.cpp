#include "core/lake/result_cache.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::lake;

namespace {

StatementResult result_of(std::string text) {
  StatementResult result;
  result.chunks.push_back({.row_offset = 0, .row_count = 1, .data_array = std::move(text)});
  return result;
}

std::string text_of(ResultCache& cache, const std::string& key) {
  const auto found = cache.find(key);
  return found == nullptr ? "none" : found->chunks.front().data_array;
}

} // namespace

TEST_CASE("result cache: the same key gives the same result") {
  ResultCache cache;
  cache.keep("a", result_of("1"));
  cache.keep("b", result_of("2"));
  CHECK(text_of(cache, "a") == "1");
  CHECK(text_of(cache, "b") == "2");
  CHECK(text_of(cache, "c") == "none");
}

TEST_CASE("result cache: nothing is kept without a key, nor when it is large") {
  ResultCache cache;
  cache.keep("", result_of("1"));
  CHECK(text_of(cache, "") == "none");
  cache.keep("large", result_of(std::string(300U << 10U, 'x')));
  CHECK(text_of(cache, "large") == "none");
}

TEST_CASE("result cache: what was used last stays") {
  ResultCache cache;
  const std::string text(200U << 10U, 'x');
  cache.keep("first", result_of(text));
  for (int i = 0; i < 100; ++i) {
    cache.keep(std::to_string(i), result_of(text));
    REQUIRE(cache.find("first") != nullptr);
  }
  CHECK(text_of(cache, "0") == "none");
  CHECK(text_of(cache, "99") == text);
}

TEST_CASE("result key: by SQL, snapshots and limits; none for what may change by itself") {
  StatementRequest all;
  StatementRequest some;
  some.row_limit = 10;
  const auto key = result_key("SELECT 1", "delta 7", all);
  CHECK(key == result_key("SELECT 1", "delta 7", all));
  CHECK(key != result_key("SELECT 2", "delta 7", all));
  CHECK(key != result_key("SELECT 1", "delta 8", all));
  CHECK(key != result_key("SELECT 1", "delta 7", some));
  CHECK(result_key("SELECT 1", "", all).empty());
  CHECK(result_key("SELECT now()", "delta", all).empty());
  CHECK(result_key("SELECT random()", "delta", all).empty());
}

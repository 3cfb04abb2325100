#include "core/base/text.hpp"

#include <doctest/doctest.h>

TEST_CASE("text: split, join, trim") {
  CHECK(pier::split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(pier::join(std::vector<std::string>{"a", "b"}, ", ") == "a, b");
  CHECK(pier::trim(" \t x y \n") == "x y");
  CHECK(pier::replace_all("aXbX", "X", "yX") == "ayXbyX");
}

TEST_CASE("text: nearest spelling") {
  const std::vector<std::string> words = {"validate", "deploy", "destroy"};
  CHECK(pier::nearest("vaildate", words) == "validate");
  CHECK(pier::nearest("deplyo", words) == "deploy");
  CHECK(pier::nearest("completely", words).empty());
  CHECK(pier::edit_distance("ab", "ba") == 1);
}

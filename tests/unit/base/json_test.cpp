#include "core/base/json.hpp"
#include "core/base/json_nulls.hpp"

#include <doctest/doctest.h>

using pier::Json;

TEST_CASE("json: text round-trips with exact integers and sorted members") {
  const auto parsed = Json::parse(R"({"b":[1,2.5,null,true],"a":9007199254740993})");
  REQUIRE(parsed);
  CHECK(parsed->dump() == R"({"a":9007199254740993,"b":[1,2.5,null,true]})");
}

TEST_CASE("json: indent and escapes") {
  const auto value = Json::object({{"a", Json::array({"x<y", 1})}, {"e", Json::object()}});
  CHECK(value.dump(2) == "{\n  \"a\": [\n    \"x<y\",\n    1\n  ],\n  \"e\": {}\n}");
  CHECK(value.dump(0, true) == "{\"a\":[\"x\\u003cy\",1],\"e\":{}}");
  CHECK(Json(std::string_view("\x01\n\"", 3)).dump() == "\"\\u0001\\n\\\"\"");
}

TEST_CASE("json: broken or too deep text is an error") {
  CHECK_FALSE(Json::parse("{"));
  CHECK_FALSE(Json::parse("[1] x"));
  CHECK_FALSE(Json::parse(""));
  const auto deep = Json::parse(std::string(600, '[') + std::string(600, ']'));
  REQUIRE_FALSE(deep);
  CHECK(deep.error().message == "JSON is nested deeper than 512 levels");
}

TEST_CASE("json: lenient readers fall back") {
  const auto value = Json::parse(R"({"n":1,"s":"x","l":["a",2,"b"]})");
  REQUIRE(value);
  CHECK(value->get_string("s") == "x");
  CHECK(value->get_string("n", "none") == "none");
  CHECK(value->get_integer("n") == 1);
  CHECK(value->get_strings("l") == std::vector<std::string>{"a", "b"});
  CHECK(value->find_path({"n", "m"}) == nullptr);
}

TEST_CASE("json: null members go at every depth, null items stay") {
  auto json = Json::parse(R"({"a":null,"b":{"c":null},"d":[{"e":null},null]})").value();
  pier::drop_null_members(json);
  CHECK(json.dump() == R"({"b":{},"d":[{},null]})");
}

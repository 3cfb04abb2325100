#include "core/base/member_order.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::MemberOrder;

namespace {

std::string written(std::string_view text, const MemberOrder& order) {
  return pier::dump_ordered(Json::parse(text).value(), order, 1, true);
}

} // namespace

TEST_CASE("member order: the named ones first, the others by name") {
  CHECK(written(R"({"a":1,"b":{"y":1,"x":2},"z":[]})", {.first = {"z", "missing", "b"}, .below = {}}) ==
        "{\n \"z\": [],\n \"b\": {\n  \"x\": 2,\n  \"y\": 1\n },\n \"a\": 1\n}");
}

TEST_CASE("member order: each member has its own, items of a list that of the list") {
  const MemberOrder order{.first = {}, .below = {{"list", {.first = {"y"}, .below = {}}}}};
  CHECK(written(R"({"list":[{"x":1,"y":"<"}],"other":{"x":1,"y":2}})", order) ==
        "{\n \"list\": [\n  {\n   \"y\": \"\\u003c\",\n   \"x\": 1\n  }\n ],\n"
        " \"other\": {\n  \"x\": 1,\n  \"y\": 2\n }\n}");
}

TEST_CASE("member order: a deep one holds at any depth") {
  const MemberOrder order{.first = {"id"}, .below = {}, .deep = true};
  CHECK(written(R"({"a":[{"b":{"a":1,"id":2}}],"id":3})", order) ==
        "{\n \"id\": 3,\n \"a\": [\n  {\n   \"b\": {\n    \"id\": 2,\n    \"a\": 1\n   }\n  }\n ]\n}");
}

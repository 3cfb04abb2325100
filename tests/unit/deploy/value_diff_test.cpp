#include "core/deploy/value_diff.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::deploy::diff_values;
using pier::deploy::KeyedLists;

namespace {

std::vector<std::string> paths(std::string_view before, std::string_view after, const KeyedLists& keyed = {}) {
  std::vector<std::string> found;
  for (const auto& change : diff_values(Json::parse(before).value(), Json::parse(after).value(), keyed)) {
    found.push_back(change.path.to_string());
  }
  return found;
}

using Paths = std::vector<std::string>;

} // namespace

TEST_CASE("value diff: members of objects one by one") {
  CHECK(paths(R"({"a":1,"b":{"c":2,"d":3}})", R"({"a":1,"b":{"c":9,"d":3},"e":0})") == Paths{"b.c", "e"});
  CHECK(paths(R"({"a":{"b":1}})", R"({})") == Paths{"a"});
  CHECK(paths(R"({"a":1})", R"({"a":1.0})").empty());
}

TEST_CASE("value diff: keys of maps stand in brackets") {
  CHECK(paths(R"({"tags":{"a":"1"}})", R"({"tags":{"a":"2"}})") == Paths{"tags['a']"});
}

TEST_CASE("value diff: lists by place, or as a whole when the length differs") {
  CHECK(paths(R"({"l":[1,2]})", R"({"l":[1,3]})") == Paths{"l[1]"});
  CHECK(paths(R"({"l":[1,2]})", R"({"l":[1]})") == Paths{"l"});
}

TEST_CASE("value diff: keyed lists by key, whatever their order") {
  const KeyedLists keyed = {{"tasks", {"task_key"}}, {"tasks[*].depends_on", {"task_key"}}};
  const auto* before = R"({"tasks":[{"task_key":"a","n":1},{"task_key":"b","depends_on":[{"task_key":"a"}]}]})";
  CHECK(paths(before, R"({"tasks":[{"task_key":"b","depends_on":[{"task_key":"a"}]},{"task_key":"a","n":1}]})", keyed)
            .empty());
  CHECK(paths(before, R"({"tasks":[{"task_key":"a","n":2}]})", keyed) ==
        Paths{"tasks[task_key='a'].n", "tasks[task_key='b']"});
}

TEST_CASE("value diff: the list of a permissions node stands for the node") {
  const KeyedLists keyed = {{"", {"user_name", "group_name"}}};
  CHECK(paths(R"({"object_id":"/jobs/1","__embed__":[{"level":"CAN_VIEW","group_name":"g"}]})",
              R"({"object_id":"/jobs/1","__embed__":[{"level":"CAN_MANAGE","group_name":"g"}]})",
              keyed) == Paths{"[group_name='g'].level"});
}

TEST_CASE("value diff: empty values") {
  for (const auto* text : {"null", "0", "0.0", "\"\"", "false", "[]", "{}"}) {
    CHECK(pier::deploy::is_empty_value(Json::parse(text).value()));
  }
  for (const auto* text : {"1", "\"x\"", "true", "[0]", "{\"a\":null}"}) {
    CHECK_FALSE(pier::deploy::is_empty_value(Json::parse(text).value()));
  }
}

TEST_CASE("value diff: what holds a list is no map, whatever its name") {
  CHECK(paths(R"({"tags":{"custom_tags":[{"key":"a","value":"1"}]}})",
              R"({"tags":{"custom_tags":[{"key":"a","value":"2"}]}})") == Paths{"tags.custom_tags[0].value"});
}

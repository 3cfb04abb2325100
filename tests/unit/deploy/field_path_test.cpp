#include "core/deploy/field_path.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::deploy::FieldPath;

TEST_CASE("field path: text and back") {
  for (const std::string text : {"name", "a.b.c", "tasks[0].x", "tasks[task_key='it''s'].libraries[2].whl",
                                 "tags['env.x']", "[principal='a@b.test']", "tasks[*].run_if", ""}) {
    CHECK(FieldPath::parse(text).to_string() == text);
  }
}

TEST_CASE("field path: a pattern covers what lies below it") {
  const auto below = [](std::string_view path, std::string_view pattern) {
    return FieldPath::parse(path).is_below(FieldPath::parse(pattern));
  };
  CHECK(below("a.b", "a"));
  CHECK(below("a", "a"));
  CHECK_FALSE(below("ab", "a"));
  CHECK_FALSE(below("a", "a.b"));
  CHECK(below("anything.at[0].all", ""));
  CHECK(below("tasks[task_key='x'].run_if", "tasks[*].run_if"));
  CHECK(below("tasks[3].run_if", "tasks[*].run_if"));
  CHECK(below("properties['unity.catalog.managed.delta.defaults.x.y']",
              "properties['unity.catalog.managed.*.defaults.*']"));
  CHECK_FALSE(below("properties['owner']", "properties['unity.catalog.managed.*.defaults.*']"));
}

TEST_CASE("field path: finds and sets values by name, place and key") {
  auto json = Json::parse(R"({"tasks":[{"task_key":"a","n":1},{"task_key":"b","n":2}],"tags":{"x.y":"z"}})").value();
  CHECK(FieldPath::parse("tasks[1].n").find_in(json)->as_integer() == 2);
  CHECK(FieldPath::parse("tasks[task_key='b'].n").find_in(json)->as_integer() == 2);
  CHECK(FieldPath::parse("tags['x.y']").find_in(json)->as_string() == "z");
  CHECK(FieldPath::parse("tasks[7].n").find_in(json) == nullptr);
  CHECK(FieldPath::parse("tasks[0].n").set_in(json, Json(9)));
  CHECK(FieldPath::parse("tasks[0].n").find_in(json)->as_integer() == 9);
  CHECK(FieldPath::parse("tags.new").set_in(json, Json("v")));
  CHECK_FALSE(FieldPath::parse("nowhere.deep").set_in(json, Json(1)));
}

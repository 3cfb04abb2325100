#include "core/deploy/typed_state.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::deploy::typed_state;
using pier::deploy::written_state;

namespace {

std::string typed(const std::string& kind, const char* state) {
  return typed_state(pier::deploy::shape_of(kind), Json::parse(state).value()).dump();
}

std::string written(const std::string& kind, const char* state) {
  return written_state(pier::deploy::shape_of(kind), Json::parse(state).value()).dump();
}

} // namespace

TEST_CASE("typed state: required fields of present structures have their zero values") {
  CHECK(typed("jobs", R"({"parameters":[{"name":"x"}],"queue":{}})") ==
        R"({"parameters":[{"default":"","name":"x"}],"queue":{"enabled":false}})");
  CHECK(typed("jobs", R"({"tasks":[{"task_key":"a","dbt_task":{}}]})") ==
        R"({"tasks":[{"dbt_task":{"commands":null},"task_key":"a"}]})");
  CHECK(typed("volumes", R"({"name":"a"})") == R"({"catalog_name":"","name":"a","schema_name":"","volume_type":""})");
}

TEST_CASE("typed state: structures of values are filled to the bottom") {
  CHECK(typed("clusters", R"({"workload_type":{}})") == R"({"workload_type":{"clients":{}}})");
  CHECK(typed("jobs", R"({"tasks":[{"task_key":"a","for_each_task":{}}]})") ==
        R"({"tasks":[{"for_each_task":{"inputs":"","task":{"task_key":""}},"task_key":"a"}]})");
}

TEST_CASE("typed state: nulls say nothing, empty choices only beside other optional values") {
  CHECK(typed("jobs", R"({"name":null,"description":"","trigger":{"pause_status":""}})") ==
        R"({"description":"","trigger":{}})");
  CHECK(typed("jobs.permissions", R"({"object_id":null,"__embed__":[{"level":"CAN_VIEW"}]})") ==
        R"({"__embed__":[{"level":"CAN_VIEW"}]})");
}

TEST_CASE("written state: optional lists and maps without content go, structures stay") {
  CHECK(written("jobs", R"({"tags":{},"git_source":{},"tasks":[{"depends_on":[],"description":""}]})") ==
        R"({"git_source":{},"tasks":[{"description":""}]})");
  CHECK(written("sql_warehouses", R"({"tags":{"custom_tags":[]}})") == R"({"tags":{}})");
  CHECK(written("jobs", R"({"tasks":[{"dbt_task":{"commands":[]}}]})") ==
        R"({"tasks":[{"dbt_task":{"commands":[]}}]})");
}

TEST_CASE("typed state: structures of required zeros say nothing, an optional zero does") {
  const auto nothing = [](const char* path, const char* value) {
    return pier::deploy::says_nothing(pier::deploy::shape_of("jobs"), pier::deploy::FieldPath::parse(path),
                                      Json::parse(value).value());
  };
  CHECK(nothing("queue", R"({"enabled":false})"));
  CHECK(nothing("tasks[0].dbt_task", R"({"commands":null})"));
  CHECK(nothing("tags", "{}"));
  CHECK_FALSE(nothing("queue", R"({"enabled":true})"));
  const auto repository = Json::parse(R"({"provider":"","url":""})").value();
  const auto apps = pier::deploy::shape_of("apps");
  const auto place = pier::deploy::FieldPath::parse("git_repository");
  CHECK(pier::deploy::says_nothing(apps, place, repository));
  CHECK_FALSE(pier::deploy::says_nothing(apps, place, repository, true));
  CHECK_FALSE(nothing("tasks[0].dbt_task", R"({"commands":null,"schema":""})"));
  CHECK_FALSE(nothing("tags", R"({"a":""})"));
}

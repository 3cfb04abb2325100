#include "core/model/resource_key.hpp"

#include <doctest/doctest.h>

using namespace pier::model;

TEST_CASE("reference: the grammar of segments and indexes") {
  const auto found =
      find_references("a ${var.x} b ${resources.jobs.my-job.tasks[0].task_key}${ x }${a..b}${a_}${1a}$${b}");
  REQUIRE(found.size() == 3);
  CHECK(found[0].path == "var.x");
  CHECK(found[1].path == "resources.jobs.my-job.tasks[0].task_key");
  CHECK(found[2].path == "b");
  CHECK(pure_reference("${var.x}") == "var.x");
  CHECK_FALSE(pure_reference("${var.x} "));
  CHECK(find_references("${var.${bundle.target}_x}").at(0).path == "bundle.target");
}

TEST_CASE("resource key: parse and to_string round-trip") {
  for (const char* text : {"resources.jobs.a", "resources.schemas.s.grants", "resources.apps.web.permissions"}) {
    CHECK(ResourceKey::parse(text).value().to_string() == text);
  }
  CHECK_FALSE(ResourceKey::parse("jobs.a"));
  CHECK_FALSE(ResourceKey::parse("resources.jobs.a.tasks"));
}

TEST_CASE("resource reference: key and field") {
  const auto reference = parse_resource_reference("resources.jobs.a.tasks[0].task_key");
  REQUIRE(reference);
  CHECK(reference->target == ResourceKey{"jobs", "a", ""});
  CHECK(reference->field == "tasks[0].task_key");
  CHECK(parse_resource_reference("resources.jobs.a")->field.empty());
  CHECK_FALSE(parse_resource_reference("var.x"));
}

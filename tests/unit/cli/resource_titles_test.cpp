#include "cli/bundle/resource_titles.hpp"

#include <doctest/doctest.h>

using pier::Json;
using namespace pier::cli;

TEST_CASE("resource pages: kind, id and workspace") {
  const auto job = Json::object({{"id", "7"}, {"name", "nightly"}});
  CHECK(page_of(title_of("jobs"), job, "https://h.test", "12") == "https://h.test/jobs/7?w=12");
  CHECK(page_of(title_of("jobs"), job, "https://adb-12.h.test", "12") == "https://adb-12.h.test/jobs/7");
  const auto volume = Json::object({{"id", "c.s.v"}});
  CHECK(page_of(title_of("volumes"), volume, "https://h.test", "") == "https://h.test/explore/data/volumes/c/s/v");
  CHECK(page_of(title_of("postgres_projects"), volume, "https://h.test", "").empty());
  CHECK(page_of(title_of("jobs"), Json::object(), "https://h.test", "").empty());
}

TEST_CASE("deployed configuration: ids, what is new and what is gone from the bundle") {
  const auto config = Json::parse(R"({"resources":{"jobs":{"a":{"name":"A"},"b":{"name":"B"}}}})").value();
  const auto merged = with_deployment(config, {{"jobs.a", "1"}, {"schemas.old", "c.old"}}, "https://h.test", "");
  CHECK(merged.find_path({"resources", "jobs", "a"})->get_string("id") == "1");
  CHECK(merged.find_path({"resources", "jobs", "a"})->get_string("url") == "https://h.test/jobs/1");
  CHECK(merged.find_path({"resources", "jobs", "b"})->get_string("modified_status") == "created");
  CHECK(merged.find_path({"resources", "schemas", "old"})->get_string("modified_status") == "deleted");
}

#include "cli/bundle/resource_titles.hpp"

#include <doctest/doctest.h>

using pier::Json;
using namespace pier::cli;
namespace deploy = pier::deploy;

namespace {

deploy::DeployedResource deployed(std::string id, Json state = Json::object()) {
  return {std::move(id), std::move(state), {}};
}

} // namespace

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
  const auto merged =
      with_deployment(config, {{"jobs.a", deployed("1")}, {"schemas.old", deployed("c.old")}}, "https://h.test", "");
  CHECK(merged.find_path({"resources", "jobs", "a"})->get_string("id") == "1");
  CHECK(merged.find_path({"resources", "jobs", "a"})->get_string("url") == "https://h.test/jobs/1");
  CHECK(merged.find_path({"resources", "jobs", "b"})->get_string("modified_status") == "created");
  CHECK(merged.find_path({"resources", "schemas", "old"})->get_string("modified_status") == "deleted");
}

TEST_CASE("deployed configuration: runs have the page of their job, dashboards their tag") {
  const auto config =
      Json::parse(R"({"resources":{"job_runs":{"r":{"job_id":"${resources.jobs.j.id}"}},"dashboards":{"d":{}}}})")
          .value();
  const auto merged = with_deployment(config,
                                      {{"job_runs.r", deployed("5", Json::object({{"job_id", 7}}))},
                                       {"dashboards.d", deployed("x", Json::object({{"etag", "3"}}))}},
                                      "https://h.test", "12");
  CHECK(merged.find_path({"resources", "job_runs", "r"})->get_string("url") == "https://h.test/jobs/7/runs/5?w=12");
  CHECK(merged.find_path({"resources", "dashboards", "d"})->get_string("etag") == "3");
}

TEST_CASE("resource pages: names that are not known in full have none, references are escaped") {
  const auto page = [](std::string_view kind, const Json& config) {
    return page_of(title_of(kind), config, "https://h.test", "");
  };
  CHECK(page("vector_search_indexes", Json::object({{"name", "c.${x.y}.i"}})).empty());
  CHECK(page("vector_search_indexes", Json::object({{"name", "c.s.i"}})) == "https://h.test/explore/data/c/s/i");
  CHECK(page("synced_database_tables", Json::object({{"name", "${a}.s.t"}})) ==
        "https://h.test/explore/data/$%7Ba%7D.s.t");
  CHECK(page("apps", Json::object({{"name", "shop"}, {"id", "shop"}})).empty());
  const auto table = Json::object({{"synced_table_id", "${c}.s.t"}, {"id", "synced_tables/c.s.t"}});
  CHECK(shown_name(title_of("postgres_synced_tables"), table) == "c.s.t");
  CHECK(page("postgres_synced_tables", table) == "https://h.test/explore/data/c/s/t");
}

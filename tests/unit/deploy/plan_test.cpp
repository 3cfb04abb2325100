#include "core/deploy/plan.hpp"

#include <doctest/doctest.h>

using pier::Json;
using namespace pier::deploy;

namespace {

PlanEntry entry(Action action, std::vector<Dependency> depends_on = {}) {
  PlanEntry made;
  made.action = action;
  made.depends_on = std::move(depends_on);
  return made;
}

Plan sample() {
  Plan plan;
  plan.lineage = "L";
  plan.serial = 4;
  plan.entries["resources.schemas.s"] = entry(Action::create);
  plan.entries["resources.schemas.s"].desired = Json::object({{"name", "s"}});
  plan.entries["resources.schemas.s.grants"] =
      entry(Action::create, {{"resources.schemas.s", "${resources.schemas.s.id}"}});
  plan.entries["resources.schemas.s.grants"].desired =
      Json::object({{"securable_type", "schema"}, {"full_name", "${resources.schemas.s.id}"}});
  plan.entries["resources.jobs.j"] = entry(Action::update, {{"resources.schemas.s", "${resources.schemas.s.name}"}});
  plan.entries["resources.jobs.j"].desired =
      Json::parse(R"({"name":"j","tasks":[{"task_key":"t","run_job_task":{"job_id":"${resources.jobs.k.id}"}}]})")
          .value();
  plan.entries["resources.jobs.j"].changes["name"] =
      FieldChange{.action = Action::update, .reason = "", .before = "old", .after = "j", .remote = "old"};
  plan.entries["resources.jobs.k"] = entry(Action::skip);
  plan.entries["resources.apps.gone"] = entry(Action::remove);
  plan.entries["resources.volumes.v"] = entry(Action::recreate);
  return plan;
}

} // namespace

TEST_CASE("plan: counts; making anew is a creation and a deletion") {
  const auto counts = sample().counts();
  CHECK(counts.create == 3);
  CHECK(counts.change == 1);
  CHECK(counts.remove == 2);
  CHECK(counts.unchanged == 1);
  CHECK_FALSE(sample().is_noop());
}

TEST_CASE("plan: JSON as the official engine writes it, and back") {
  const auto plan = sample();
  const auto json = plan.to_json();
  CHECK(json.get_integer("plan_version") == 2);
  const auto* grants = json.find_path({"plan", "resources.schemas.s.grants", "new_state"});
  REQUIRE(grants != nullptr);
  CHECK(*grants->find_path({"value", "full_name"}) == Json(""));
  CHECK(*grants->find_path({"vars", "full_name"}) == Json("${resources.schemas.s.id}"));
  const auto* job = json.find_path({"plan", "resources.jobs.j", "new_state"});
  REQUIRE(job != nullptr);
  CHECK(job->find_path({"vars"})->get_string("tasks[0].run_job_task.job_id") == "${resources.jobs.k.id}");
  CHECK(job->find("value")->find("tasks")->as_array()[0].find_path({"run_job_task", "job_id"})->as_integer() == 0);
  CHECK_FALSE(json.find_path({"plan", "resources.jobs.k"})->contains("new_state"));
  const auto back = Plan::from_json(json);
  REQUIRE(back);
  CHECK(back->to_json() == json);
  CHECK(back->entries.at("resources.jobs.j").desired == plan.entries.at("resources.jobs.j").desired);
}

TEST_CASE("plan: texts have the members of a state in the order of its kind") {
  Plan plan;
  auto& grants = plan.entries["resources.schemas.s.grants"];
  grants = entry(Action::create);
  grants.desired = Json::parse(R"({"__embed__":[],"full_name":"main.s","securable_type":"schema"})").value();
  CHECK(plan.to_text().find("\"securable_type\": \"schema\",\n          \"full_name\": \"main.s\"\n") !=
        std::string::npos);
}

TEST_CASE("plan: a saved plan of another version is refused") {
  auto json = sample().to_json();
  json["plan_version"] = 3;
  const auto plan = Plan::from_json(json);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().message.find("plan version mismatch") == 0);
}

TEST_CASE("plan: selecting takes parts and what is needed along") {
  auto plan = sample();
  REQUIRE(plan.select({"schemas.s"}));
  CHECK(plan.entries.size() == 2);
  CHECK(plan.not_selected == 4);
  auto other = sample();
  REQUIRE(other.select({"jobs.j"}));
  CHECK(other.entries.contains("resources.schemas.s"));
  CHECK_FALSE(other.entries.contains("resources.schemas.s.grants"));
  auto none = sample();
  const auto missing = none.select({"jobs.jj"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().hint == "did you mean jobs.j?");
}

TEST_CASE("plan: an edge to nothing is an error, unless the node goes anyway") {
  Plan plan;
  plan.entries["resources.jobs.a"] = entry(Action::create, {{"resources.jobs.x", "${resources.jobs.x.id}"}});
  const auto graph = plan.graph();
  REQUIRE_FALSE(graph);
  CHECK(graph.error().message == "invalid dependency \"${resources.jobs.x.id}\", no such node \"resources.jobs.x\"");
  plan.entries["resources.jobs.a"].action = Action::remove;
  CHECK(plan.graph());
}

TEST_CASE("plan: a saved text is read strictly") {
  const auto problem = [](std::string_view text) {
    const auto plan = Plan::parse(text);
    return plan ? std::string("none") : plan.error().message;
  };
  CHECK(problem(sample().to_text()) == "none");
  CHECK(problem("invalid") == "parsing plan JSON: invalid character 'i' looking for beginning of value");
  CHECK(problem("{") == "parsing plan JSON: unexpected EOF");
  CHECK(problem(R"({"plan_version":2,"plan":{"resources.jobs.a":{"act":"create"}}})") ==
        "parsing plan JSON: json: unknown field \"act\"");
  CHECK(problem(R"({"plan_version":2,"plan":{"resources.jobs.a":{"action":"create","new_state":{"value":{"x":1}},
                   "remote_state":{"y":2}}}})") == "none");
}

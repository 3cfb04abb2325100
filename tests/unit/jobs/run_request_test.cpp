#include "core/jobs/dynamic_values.hpp"
#include "core/jobs/run_request.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::jobs;

namespace {

Json json(std::string_view text) {
  return Json::parse(text).value();
}

} // namespace

TEST_CASE("run request: parameters take defaults, then what is given; unknown ones are refused") {
  const auto settings = json(R"({"parameters":[{"name":"day","default":"1"},{"name":"table","default":"t"}]})");
  CHECK(parameters_of(settings, json(R"({"job_parameters":{"day":"2"}})"))->dump() == R"({"day":"2","table":"t"})");
  CHECK(parameters_of(settings, json(R"({"job_parameters":{"dya":"2"}})")).error().message ==
        "the job has no parameter 'dya'");
}

TEST_CASE("run request: `only` keeps the named tasks without the others' dependencies") {
  auto settings = json(R"({"tasks":[{"task_key":"a"},{"task_key":"b","depends_on":[{"task_key":"a"}]}]})");
  REQUIRE(select_tasks(settings, json(R"({"only":["b"]})")));
  CHECK(settings.find("tasks")->dump() == R"([{"depends_on":[],"task_key":"b"}])");
  CHECK_FALSE(select_tasks(settings, json(R"({"only":["nope"]})")));
}

TEST_CASE("run request: a full job queues or skips") {
  CHECK(first_life_cycle(json("{}"), 0) == "PENDING");
  CHECK(first_life_cycle(json("{}"), 1) == "QUEUED");
  CHECK(first_life_cycle(json(R"({"max_concurrent_runs":2})"), 1) == "PENDING");
  CHECK(first_life_cycle(json(R"({"queue":{"enabled":false}})"), 1) == "SKIPPED");
}

TEST_CASE("dynamic values: replaced in every text, unknown ones named") {
  const DynamicValues values = {{"job.id", "7"}, {"job.parameters.day", "2"}};
  CHECK(substitute(json(R"({"a":["x {{job.id}}-{{ job.parameters.day }}"],"b":1})"), values)->dump() ==
        R"({"a":["x 7-2"],"b":1})");
  CHECK(substitute(json(R"(["{{tasks.a.values.b}}"])"), values).error().message ==
        "the local workspace does not know the dynamic value {{tasks.a.values.b}}");
  CHECK(substitute(json(R"(["{{open", "{{mine}} {{job.id}}"])"), values)->dump() == R"(["{{open","{{mine}} 7"])");
}

TEST_CASE("dynamic values: the start by its parts, the ends of other tasks") {
  RunRecord run;
  run.start_time = 1'795'858'205'000; // Saturday, 2026-11-28 09:30:05 UTC
  RunRecord load;
  load.id = 12;
  load.task_key = "load";
  auto values = dynamic_values(run, RunRecord(), "http://here");
  add_ended_task(values, load, TaskState::timed_out);
  CHECK(substitute(json(R"(["{{job.start_time.iso_datetime}} {{job.start_time.day}} {{job.start_time.is_weekday}}",
                            "{{tasks.load.result_state}} {{tasks.load.run_id}} {{workspace.url}}"])"),
                   values)
            ->dump() == R"(["2026-11-28T09:30:05 28 false","timedout 12 http://here"])");
}

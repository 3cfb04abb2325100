#include "cli/bundle/run_arguments.hpp"

#include <doctest/doctest.h>

using namespace pier;
using cli::Arguments;
using cli::pipeline_update_request;
using cli::run_now_request;

namespace {

Json parsed(std::string_view text) {
  return Json::parse(text).value();
}

const Json k_python_job = Json::object(
    {{"name", "nightly"},
     {"tasks", Json::array({Json::object({{"task_key", "load"}, {"spark_python_task", Json::object()}})})}});

Arguments options(Arguments::Map values) {
  return Arguments(std::move(values));
}

} // namespace

TEST_CASE("run arguments: words become parameters of the only type of task") {
  CHECK(run_now_request(k_python_job, 7, Arguments(), {"a", "--b"}, false).value() ==
        parsed(R"({"job_id":7,"python_params":["a","--b"]})"));
  const auto notebook = parsed(R"({"tasks":[{"notebook_task":{}}]})");
  CHECK(run_now_request(notebook, 7, Arguments(), {"--day=1", "--city", "Ulm"}, false).value() ==
        parsed(R"({"job_id":7,"notebook_params":{"city":"Ulm","day":"1"}})"));
  const auto mixed = parsed(R"({"tasks":[{"notebook_task":{}},{"sql_task":{}}]})");
  CHECK(run_now_request(mixed, 7, Arguments(), {"x", "y"}, false).error().message ==
        "received 2 unexpected positional arguments");
}

TEST_CASE("run arguments: job parameters and task parameters exclude each other") {
  const auto job = parsed(R"({"parameters":[{"name":"day"}],"tasks":[{"spark_python_task":{}}]})");
  CHECK(run_now_request(job, 7, Arguments(), {"--day", "1"}, false).value() ==
        parsed(R"({"job_id":7,"job_parameters":{"day":"1"}})"));
  CHECK(run_now_request(job, 7, options({{"params", {"day=1,hour=2"}}}), {}, false).value() ==
        parsed(R"({"job_id":7,"job_parameters":{"day":"1","hour":"2"}})"));
  CHECK_FALSE(run_now_request(job, 7, options({{"python-params", {"a"}}}), {}, false));
  CHECK_FALSE(run_now_request(k_python_job, 7, options({{"params", {"day=1"}}}), {}, false));
}

TEST_CASE("run arguments: a named task must be there, an expression of tasks is left to the workspace") {
  CHECK(run_now_request(k_python_job, 7, options({{"only", {"load"}}}), {}, false));
  CHECK(run_now_request(k_python_job, 7, options({{"only", {"+load"}}}), {}, false));
  CHECK(run_now_request(k_python_job, 7, options({{"only", {"lode"}}}), {}, false).error().message ==
        "task \"lode\" not found in job \"nightly\"");
}

TEST_CASE("run arguments: the wrapper of wheels gets its parameters as one text") {
  const auto wheel = parsed(R"({"tasks":[{"python_wheel_task":{}}]})");
  const auto request = run_now_request(wheel, 7, options({{"python-params", {"a,b"}}}), {}, true).value();
  CHECK(request.find_path({"notebook_params", "__python_params"})->as_string() == R"(["a","b"])");
  CHECK_FALSE(run_now_request(wheel, 7, options({{"notebook-params", {"__python_params=x"}}, {"python-params", {"a"}}}),
                              {}, true));
}

TEST_CASE("run arguments: tables of a pipeline, and what excludes each other") {
  CHECK(pipeline_update_request(options({{"refresh", {"a,b"}}, {"full-refresh", {"c"}}}), {}).value() ==
        parsed(R"({"refresh_selection":["a","b"],"full_refresh_selection":["c"]})"));
  CHECK_FALSE(pipeline_update_request(options({{"refresh-all", {}}, {"validate-only", {}}}), {}));
  CHECK_FALSE(pipeline_update_request(options({{"full-refresh-all", {}}, {"refresh", {"a"}}}), {}));
}

#include "tests/unit/bundles/bundle_folder.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

namespace {

constexpr std::string_view k_bundle = R"(bundle: {name: x}
python: {resources: ["jobs:load"], venv_path: .venv}
presets: {name_prefix: "pre "}
resources: {jobs: {old: {name: old, tasks: []}}}
)";

/// Adds to what `resources` are given a job of its own, or changes the old one.
Json with_jobs(const std::string& input, std::initializer_list<std::pair<std::string_view, std::string_view>> jobs) {
  auto config = Json::parse(input).value();
  for (const auto& [key, job] : jobs) {
    config["resources"]["jobs"][key] = Json::parse(job).value();
  }
  return Json::object({{"resources", config["resources"]}});
}

} // namespace

TEST_CASE("python: new resources get names, defaults and places in the code") {
  BundleFolder folder({{"databricks.yml", k_bundle}});
  std::string phases;
  folder.options.run_python = [&](const PythonCall& call) -> Result<PythonAnswer> {
    phases += call.phase + " ";
    CHECK(call.venv_path == ".venv");
    CHECK(Json::parse(call.input).value().find_path({"experimental", "python"}) != nullptr);
    PythonAnswer answer;
    const bool load = call.phase == "load_resources";
    answer.output = (load ? with_jobs(call.input, {{"made", R"({"name": "n ${bundle.name}", "extra": null})"}})
                          : with_jobs(call.input, {{"old", R"({"name": "changed", "max_concurrent_runs": 1})"}}))
                        .dump();
    answer.locations = R"({"path": "resources.jobs.made", "file": "jobs.py", "line": 7, "column": 3})";
    answer.diagnostics =
        load
            ? R"({"severity": "warning", "summary": "beware", "location": {"file": "jobs.py", "line": 1, "column": 2}})"
            : "";
    return answer;
  };
  SUBCASE("a field that is not known is an error") {
    folder.load();
    CHECK(folder.report().find("PIER1020 jobs.py:7:3 unknown field: extra") != std::string::npos);
  }
  SUBCASE("added and changed") {
    const auto inner = folder.options.run_python;
    folder.options.run_python = [inner](const PythonCall& call) {
      auto answer = inner(call).value();
      const auto at = answer.output.find("\"extra\":null,");
      if (at != std::string::npos) {
        answer.output.erase(at, 13);
      }
      return Result<PythonAnswer>(std::move(answer));
    };
    CHECK(folder.resolved({"resources", "jobs", "made", "name"}) == "\"pre n x\"");
    CHECK(folder.report() == "PIER1056 jobs.py:1:2 beware\n");
    CHECK(folder.resolved({"resources", "jobs", "made", "queue"}) == R"({"enabled":true})");
    CHECK(folder.resolved({"resources", "jobs", "old", "name"}) == "\"changed\"");
    CHECK(phases.starts_with("load_resources apply_mutators "));
  }
}

TEST_CASE("python: what it may not do") {
  BundleFolder folder({{"databricks.yml", k_bundle}});
  folder.options.compatible = true;
  std::string output;
  folder.options.run_python = [&](const PythonCall& call) {
    PythonAnswer answer;
    answer.output = output.empty() ? with_jobs(call.input, {{"old", R"({"name": "changed"})"}}).dump() : output;
    return Result<PythonAnswer>(std::move(answer));
  };
  folder.load();
  CHECK(folder.report() == "PIER1055 unexpected updated resources: [{jobs old}]\n");
  output = R"({"resources": {}})";
  folder.load();
  CHECK(folder.report() == "PIER1055 unexpected deleted resources: [{jobs old}]\n");
  folder.options.run_python = [](const PythonCall&) {
    PythonAnswer answer;
    answer.failure = "exit status 1";
    answer.standard_error = "no module";
    return Result<PythonAnswer>(std::move(answer));
  };
  folder.load();
  CHECK(folder.problems.all().front().summary ==
        "python mutator process failed: \"exit status 1\", use --debug to enable logging");
  CHECK(folder.problems.all().front().detail == "no module");
  folder.options.env.set("DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION", "1");
  folder.load();
  CHECK(folder.report().find("Running Python code is not allowed") != std::string::npos);
  folder.write("databricks.yml", "bundle: {name: x}\npython: {venv_path: a}\nexperimental: {python: {venv_path: b}}\n");
  folder.load();
  CHECK(folder.report().find("mutually exclusive") != std::string::npos);
}

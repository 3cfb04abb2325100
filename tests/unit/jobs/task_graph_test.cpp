#include "core/jobs/task_graph.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::jobs;

namespace {

TaskGraph graph_of(std::string_view json) {
  return TaskGraph::parse(Json::parse(json).value()).value();
}

std::string problem_of(std::string_view json) {
  const auto graph = TaskGraph::parse(Json::parse(json).value());
  return graph ? "none" : graph.error().message;
}

using Keys = std::vector<std::string>;

constexpr std::string_view k_diamond = R"([
  {"task_key":"a"},
  {"task_key":"b","depends_on":[{"task_key":"a"}]},
  {"task_key":"c","depends_on":[{"task_key":"a"}]},
  {"task_key":"d","depends_on":[{"task_key":"b"},{"task_key":"c"}]}])";

} // namespace

TEST_CASE("task graph: tasks become ready when what they depend on succeeded") {
  const auto graph = graph_of(k_diamond);
  TaskGraph::Progress progress;
  CHECK(graph.decide(progress) == Keys{"a"});
  progress["a"].state = TaskState::success;
  CHECK(graph.decide(progress) == Keys{"b", "c"});
  progress["b"].state = TaskState::success;
  progress["c"].state = TaskState::running;
  CHECK(graph.decide(progress).empty());
  progress["c"].state = TaskState::success;
  CHECK(graph.decide(progress) == Keys{"d"});
}

TEST_CASE("task graph: a failure reaches everything below it at once") {
  const auto graph = graph_of(k_diamond);
  TaskGraph::Progress progress;
  progress["a"].state = TaskState::failed;
  CHECK(graph.decide(progress).empty());
  CHECK(progress["b"].state == TaskState::upstream_failed);
  CHECK(progress["d"].state == TaskState::upstream_failed);
}

TEST_CASE("task graph: run_if") {
  const auto ready_after = [](std::string_view run_if, TaskState first, TaskState second) {
    const auto graph = graph_of(R"([{"task_key":"x"},{"task_key":"y"},{"task_key":"z","run_if":")" +
                                std::string(run_if) + R"(","depends_on":[{"task_key":"x"},{"task_key":"y"}]}])");
    TaskGraph::Progress progress = {{"x", {first, ""}}, {"y", {second, ""}}};
    return !graph.decide(progress).empty();
  };
  CHECK(ready_after("ALL_DONE", TaskState::failed, TaskState::success));
  CHECK(ready_after("AT_LEAST_ONE_FAILED", TaskState::failed, TaskState::success));
  CHECK(ready_after("AT_LEAST_ONE_SUCCESS", TaskState::failed, TaskState::success));
  CHECK(ready_after("NONE_FAILED", TaskState::excluded, TaskState::success));
  CHECK(ready_after("ALL_FAILED", TaskState::failed, TaskState::failed));
  CHECK_FALSE(ready_after("ALL_FAILED", TaskState::failed, TaskState::success));
  CHECK_FALSE(ready_after("NONE_FAILED", TaskState::failed, TaskState::success));
  CHECK_FALSE(ready_after("ALL_SUCCESS", TaskState::excluded, TaskState::success));
}

TEST_CASE("task graph: a condition opens one branch only") {
  const auto graph = graph_of(R"([{"task_key":"if"},
    {"task_key":"yes","depends_on":[{"task_key":"if","outcome":"true"}]},
    {"task_key":"no","depends_on":[{"task_key":"if","outcome":"false"}]}])");
  TaskGraph::Progress progress;
  progress["if"] = {TaskState::success, "true"};
  CHECK(graph.decide(progress) == Keys{"yes"});
  CHECK(progress["no"].state == TaskState::excluded);
}

TEST_CASE("task graph: what is wrong is named") {
  CHECK(problem_of(R"([{"task_key":"a"},{"task_key":"a"}])") == "task_key 'a' is used twice");
  CHECK(problem_of(R"([{"task_key":"a","depends_on":[{"task_key":"b"}]}])") ==
        "task 'a' depends on 'b', which does not exist");
  CHECK(problem_of(
            R"([{"task_key":"a","depends_on":[{"task_key":"b"}]},{"task_key":"b","depends_on":[{"task_key":"a"}]}])") ==
        "task 'a' depends on itself through other tasks");
  CHECK(problem_of(R"([{"x":1}])") == "a task has no task_key");
  CHECK(problem_of(R"([{"task_key":"a","run_if":"MAYBE"}])") == "run_if cannot be 'MAYBE'");
}

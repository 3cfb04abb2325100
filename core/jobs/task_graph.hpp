#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pier::jobs {

/// Where a task of a run stands. The last six are ends.
enum class TaskState { waiting, running, success, failed, canceled, excluded, upstream_failed, timed_out };

bool is_end(TaskState state);

/// When a task runs, by the ends of the tasks it depends on (Jobs API, `run_if`).
enum class RunIf { all_success, all_done, none_failed, at_least_one_success, all_failed, at_least_one_failed };

struct TaskDependency {
  std::string task;
  std::string outcome; ///< of a condition task: "true" or "false"; empty: any success
};

struct TaskNode {
  std::string key;
  std::vector<TaskDependency> depends_on;
  RunIf run_if = RunIf::all_success;
};

/// What is known of a task while the run goes on; outcome: of a condition task that succeeded.
struct TaskProgress {
  TaskState state = TaskState::waiting;
  std::string outcome;
};

/// The tasks of a job with their dependencies; no cycles, every dependency exists.
class TaskGraph {
 public:
  /// From the job's `tasks`. Errors INVALID_PARAMETER_VALUE: missing or doubled task_key, unknown dependency,
  /// cycle, unknown run_if.
  static Result<TaskGraph> parse(const Json& tasks);

  [[nodiscard]] const std::vector<TaskNode>& tasks() const { return tasks_; }

  using Progress = std::map<std::string, TaskProgress, std::less<>>;

  /// Decides every waiting task whose dependencies have ended: `ready` may start; the others get their end
  /// (upstream_failed, excluded) in `progress`, which may decide further ones.
  [[nodiscard]] std::vector<std::string> decide(Progress& progress) const;

 private:
  explicit TaskGraph(std::vector<TaskNode> tasks)
      : tasks_(std::move(tasks)) {}

  std::vector<TaskNode> tasks_;
};

} // namespace pier::jobs

#pragma once

#include "core/jobs/jobs.hpp"
#include "core/jobs/run_record.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace pier::jobs {

/// What all runs of a workspace share.
struct Shared {
  Options options;
  Rooms rooms;
  apps::PythonEnvironments& environments;
  std::string workspace_url;
  /// For run_job_task: starts a run of another job and waits for its end; the run as it ended.
  std::function<Result<RunRecord>(const identity::Caller&, const Json& request, std::stop_token)> run_and_wait;
};

/// One attempt of one task.
struct TaskContext {
  const Shared& shared;
  const RunRecord& run;  ///< the whole run: its environments, its parameters
  const RunRecord& task; ///< the task's own run
  Json body;             ///< the task with its `{{…}}` replaced
  identity::Caller run_as;
  std::stop_token stop;

  [[nodiscard]] std::filesystem::path work_folder() const;
  [[nodiscard]] std::filesystem::path log_file() const;
};

/// Where a task run's log is: JSON lines of the guardian.
std::filesystem::path log_file_of(const std::filesystem::path& folder, std::int64_t task_run_id);

/// How an attempt ended. An Error of kind interrupted means that it was cancelled.
struct TaskOutcome {
  std::string outcome;     ///< of a condition: "true" or "false"
  std::string error_trace; ///< when it failed
  std::string failure;     ///< one line; empty: success
  bool timed_out = false;  ///< a failure by `timeout_seconds`
};

/// Runs the attempt by the kind of the task. A kind that the local workspace does not run is a failure that names it.
Result<TaskOutcome> run_task(const TaskContext& context);

Result<TaskOutcome> run_python_task(const TaskContext& context, const Json& spec);
Result<TaskOutcome> run_sql_task(const TaskContext& context, const Json& spec);
Result<TaskOutcome> run_condition_task(const Json& spec);
Result<TaskOutcome> run_job_task(const TaskContext& context, const Json& spec);

} // namespace pier::jobs

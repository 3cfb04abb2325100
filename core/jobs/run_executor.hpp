#pragma once

#include "core/jobs/deadline.hpp"
#include "core/jobs/dynamic_values.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/task_context.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace pier::jobs {

/// Carries one run to its end: starts tasks as their dependencies allow, each on a thread of its own, retries them,
/// and writes every step down. Blocks the thread that calls `execute`.
class RunExecutor {
 public:
  RunExecutor(const Shared& shared, JobStore& store, RunRecord run)
      : shared_(shared),
        store_(store),
        run_(std::move(run)) {}

  /// Ends early when `stop` is requested: running tasks are cancelled.
  void execute(const std::stop_token& stop);

 private:
  Result<void> prepare();
  void loop(const TaskGraph& graph, const std::stop_token& stop);
  void start_task(const std::string& key, const std::stop_token& stop);
  void run_attempts(RunRecord task, const std::stop_token& stop);
  Result<TaskOutcome> attempt(const RunRecord& task, const std::stop_token& stop);
  DynamicValues values_for(const RunRecord& task);
  bool wait_for_retry(RunRecord& task, const std::stop_token& stop);
  void end_task(RunRecord task, TaskState state, std::string message, std::string outcome);
  void finish(TaskState when_stopped, const std::stop_token& stop);
  void save(const RunRecord& run);
  [[nodiscard]] std::int64_t now() const;

  const Shared& shared_;
  JobStore& store_;
  RunRecord run_;
  identity::Caller run_as_;
  std::map<std::string, RunRecord, std::less<>> tasks_;

  std::mutex mutex_; ///< guards progress_
  std::condition_variable_any changed_;
  TaskGraph::Progress progress_;
  std::vector<std::jthread> threads_;
};

} // namespace pier::jobs

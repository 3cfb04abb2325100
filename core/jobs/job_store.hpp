#pragma once

#include "core/jobs/jobs.hpp"
#include "core/jobs/run_record.hpp"

#include <optional>
#include <vector>

namespace pier::jobs {

/// Jobs and runs in SQLite. No rules here: it keeps what it is given.
class JobStore {
 public:
  static Result<JobStore> open(store::Database& database);

  Result<std::int64_t> add_job(const JobRecord& job);
  Result<void> save_settings(std::int64_t job_id, const Json& settings);
  Result<void> remove_job(std::int64_t job_id); ///< with its runs
  Result<JobRecord> job(std::int64_t job_id);   ///< INVALID_PARAMETER_VALUE "Job 5 does not exist."
  /// In the order they were made, newest first; ids below `before` (0: from the newest).
  Result<std::vector<JobRecord>> jobs(std::int64_t before, std::int64_t limit);

  /// A new run with its task runs; numbers them. An idempotency token that is known gives that run instead.
  Result<RunRecord> add_run(RunRecord run, const std::string& idempotency_token, bool& is_new);
  Result<RunRecord> run(std::int64_t run_id); ///< run or task run
  Result<std::vector<RunRecord>> task_runs(std::int64_t run_id);
  Result<std::vector<RunRecord>> runs(const RunFilter& filter, std::int64_t before, std::int64_t limit);
  Result<void> save_run(const RunRecord& run); ///< state, times, attempt, output
  Result<void> remove_run(std::int64_t run_id);
  Result<std::int64_t> count_active(std::int64_t job_id);
  Result<std::vector<RunRecord>> queued(std::int64_t job_id); ///< oldest first; 0: of any job
  /// Ends what a killed daemon left running; queued runs stay. Returns how many.
  Result<std::int64_t> end_interrupted(std::int64_t now);

 private:
  explicit JobStore(store::Database& database)
      : database_(&database) {}

  store::Database* database_;
};

} // namespace pier::jobs

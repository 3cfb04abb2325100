#include "core/jobs/job_store.hpp"

#include <array>

namespace pier::jobs {
namespace {

constexpr std::array<std::string_view, 1> k_steps = {R"(
CREATE TABLE jobs_job(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  settings TEXT NOT NULL,
  creator TEXT NOT NULL,
  created_at INTEGER NOT NULL);
CREATE TABLE jobs_run(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL,
  job_id INTEGER NOT NULL,
  task_key TEXT NOT NULL,
  number_in_job INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  life_cycle TEXT NOT NULL,
  result TEXT NOT NULL,
  message TEXT NOT NULL,
  creator TEXT NOT NULL,
  run_as TEXT NOT NULL,
  start_time INTEGER NOT NULL,
  end_time INTEGER NOT NULL,
  settings TEXT NOT NULL,
  parameters TEXT NOT NULL,
  output TEXT NOT NULL);
CREATE INDEX jobs_run_parent ON jobs_run(parent_id, id);
CREATE INDEX jobs_run_job ON jobs_run(job_id, parent_id, id);
CREATE TABLE jobs_idempotency(token TEXT PRIMARY KEY, run_id INTEGER NOT NULL);
)"};

constexpr std::string_view k_run_columns =
    "id, parent_id, job_id, task_key, number_in_job, attempt, life_cycle, result, "
    "message, creator, run_as, start_time, end_time, settings, parameters, output";

constexpr std::string_view k_active = "life_cycle NOT IN ('TERMINATED', 'SKIPPED', 'INTERNAL_ERROR')";

Result<RunRecord> to_run(const store::Row& row) {
  RunRecord run;
  run.id = row.integer(0);
  run.parent_id = row.integer(1);
  run.job_id = row.integer(2);
  run.task_key = row.text(3);
  run.number_in_job = row.integer(4);
  run.attempt = row.integer(5);
  run.life_cycle = row.text(6);
  run.result = row.text(7);
  run.message = row.text(8);
  run.creator = row.text(9);
  run.run_as = row.text(10);
  run.start_time = row.integer(11);
  run.end_time = row.integer(12);
  PIER_TRY_ASSIGN(run.settings, Json::parse(row.text(13)));
  PIER_TRY_ASSIGN(run.parameters, Json::parse(row.text(14)));
  PIER_TRY_ASSIGN(run.output, Json::parse(row.text(15)));
  return run;
}

Result<std::vector<RunRecord>> to_runs(const store::Rows& rows) {
  std::vector<RunRecord> runs;
  runs.reserve(rows.size());
  for (const auto& row : rows) {
    PIER_TRY_ASSIGN(auto run, to_run(row));
    runs.push_back(std::move(run));
  }
  return runs;
}

Result<JobRecord> to_job(const store::Row& row) {
  JobRecord job;
  job.id = row.integer(0);
  PIER_TRY_ASSIGN(job.settings, Json::parse(row.text(1)));
  job.creator = row.text(2);
  job.created_at = row.integer(3);
  return job;
}

Result<std::int64_t> insert_run(store::Database& database, const RunRecord& run) {
  return database.insert(
      "INSERT INTO jobs_run(parent_id, job_id, task_key, number_in_job, attempt, life_cycle, result, "
      "message, creator, run_as, start_time, end_time, settings, parameters, output) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {run.parent_id, run.job_id, run.task_key, run.number_in_job, run.attempt, run.life_cycle, run.result, run.message,
       run.creator, run.run_as, run.start_time, run.end_time, run.settings.dump(), run.parameters.dump(),
       run.output.dump()});
}

/// One row for each task, so that clients see what is still to come.
Result<void> insert_task_runs(store::Database& database, const RunRecord& run) {
  const Json* tasks = run.settings.find("tasks");
  if (tasks == nullptr || !tasks->is_array()) {
    return {};
  }
  for (const auto& task : tasks->as_array()) {
    RunRecord record;
    record.parent_id = run.id;
    record.job_id = run.job_id;
    record.task_key = task.get_string("task_key");
    record.life_cycle = task.contains("depends_on") ? "BLOCKED" : "PENDING";
    record.creator = run.creator;
    record.run_as = run.run_as;
    record.settings = task;
    PIER_TRY(insert_run(database, record));
  }
  return {};
}

} // namespace

Result<JobStore> JobStore::open(store::Database& database) {
  PIER_TRY(database.ensure_schema("jobs", k_steps));
  return JobStore(database);
}

Result<std::int64_t> JobStore::add_job(const JobRecord& job) {
  return database_->insert("INSERT INTO jobs_job(settings, creator, created_at) VALUES(?, ?, ?)",
                           {job.settings.dump(), job.creator, job.created_at});
}

Result<void> JobStore::save_settings(std::int64_t job_id, const Json& settings) {
  PIER_TRY(database_->execute("UPDATE jobs_job SET settings = ? WHERE id = ?", {settings.dump(), job_id}));
  return {};
}

Result<void> JobStore::remove_job(std::int64_t job_id) {
  return database_->transaction([&]() -> Result<void> {
    PIER_TRY(database_->execute("DELETE FROM jobs_run WHERE job_id = ?", {job_id}));
    PIER_TRY(database_->execute("DELETE FROM jobs_job WHERE id = ?", {job_id}));
    return {};
  });
}

Result<JobRecord> JobStore::job(std::int64_t job_id) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT id, settings, creator, created_at FROM jobs_job WHERE id = ?", {job_id}));
  if (rows.empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "Job " + std::to_string(job_id) + " does not exist."};
  }
  return to_job(rows.front());
}

Result<std::vector<JobRecord>> JobStore::jobs(std::int64_t before, std::int64_t limit) {
  PIER_TRY_ASSIGN(const auto rows, database_->query("SELECT id, settings, creator, created_at FROM jobs_job "
                                                    "WHERE ? = 0 OR id < ? ORDER BY id DESC LIMIT ?",
                                                    {before, before, limit}));
  std::vector<JobRecord> jobs;
  for (const auto& row : rows) {
    PIER_TRY_ASSIGN(auto job, to_job(row));
    jobs.push_back(std::move(job));
  }
  return jobs;
}

Result<RunRecord> JobStore::add_run(RunRecord run, const std::string& idempotency_token, bool& is_new) {
  is_new = false;
  return database_->transaction([&]() -> Result<RunRecord> {
    if (!idempotency_token.empty()) {
      PIER_TRY_ASSIGN(const auto known,
                      database_->query("SELECT run_id FROM jobs_idempotency WHERE token = ?", {idempotency_token}));
      if (!known.empty()) {
        return this->run(known.front().integer(0));
      }
    }
    PIER_TRY_ASSIGN(const auto last, database_->query("SELECT coalesce(max(number_in_job), 0) FROM jobs_run "
                                                      "WHERE job_id = ? AND parent_id = 0",
                                                      {run.job_id}));
    run.number_in_job = last.front().integer(0) + 1;
    PIER_TRY_ASSIGN(run.id, insert_run(*database_, run));
    PIER_TRY(insert_task_runs(*database_, run));
    if (!idempotency_token.empty()) {
      PIER_TRY(
          database_->execute("INSERT INTO jobs_idempotency(token, run_id) VALUES(?, ?)", {idempotency_token, run.id}));
    }
    is_new = true;
    return run;
  });
}

Result<RunRecord> JobStore::run(std::int64_t run_id) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT " + std::string(k_run_columns) + " FROM jobs_run WHERE id = ?", {run_id}));
  if (rows.empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "Run " + std::to_string(run_id) + " does not exist."};
  }
  return to_run(rows.front());
}

Result<std::vector<RunRecord>> JobStore::task_runs(std::int64_t run_id) {
  PIER_TRY_ASSIGN(const auto rows, database_->query("SELECT " + std::string(k_run_columns) +
                                                        " FROM jobs_run WHERE parent_id = ? ORDER BY id",
                                                    {run_id}));
  return to_runs(rows);
}

Result<std::vector<RunRecord>> JobStore::runs(const RunFilter& filter, std::int64_t before, std::int64_t limit) {
  std::string sql = "SELECT " + std::string(k_run_columns) +
                    " FROM jobs_run WHERE parent_id = 0 AND (? = 0 OR job_id = ?) AND (? = 0 OR id < ?)";
  if (filter.active_only) {
    sql += " AND " + std::string(k_active);
  } else if (filter.completed_only) {
    sql += " AND NOT " + std::string(k_active);
  }
  PIER_TRY_ASSIGN(const auto rows, database_->query(sql + " ORDER BY id DESC LIMIT ?",
                                                    {filter.job_id, filter.job_id, before, before, limit}));
  return to_runs(rows);
}

Result<void> JobStore::save_run(const RunRecord& run) {
  PIER_TRY(database_->execute(
      "UPDATE jobs_run SET attempt = ?, life_cycle = ?, result = ?, message = ?, start_time = ?, "
      "end_time = ?, output = ? WHERE id = ?",
      {run.attempt, run.life_cycle, run.result, run.message, run.start_time, run.end_time, run.output.dump(), run.id}));
  return {};
}

Result<void> JobStore::remove_run(std::int64_t run_id) {
  PIER_TRY(database_->execute("DELETE FROM jobs_run WHERE id = ? OR parent_id = ?", {run_id, run_id}));
  return {};
}

Result<std::int64_t> JobStore::count_active(std::int64_t job_id) {
  PIER_TRY_ASSIGN(const auto rows, database_->query("SELECT count(*) FROM jobs_run WHERE job_id = ? AND parent_id = 0 "
                                                    "AND life_cycle <> 'QUEUED' AND " +
                                                        std::string(k_active),
                                                    {job_id}));
  return rows.front().integer(0);
}

Result<std::vector<RunRecord>> JobStore::queued(std::int64_t job_id) {
  PIER_TRY_ASSIGN(const auto rows, database_->query("SELECT " + std::string(k_run_columns) +
                                                        " FROM jobs_run WHERE parent_id = 0 AND life_cycle = 'QUEUED' "
                                                        "AND (? = 0 OR job_id = ?) ORDER BY id",
                                                    {job_id, job_id}));
  return to_runs(rows);
}

Result<std::int64_t> JobStore::end_interrupted(std::int64_t now) {
  return database_->execute(
      "UPDATE jobs_run SET life_cycle = 'INTERNAL_ERROR', result = 'FAILED', end_time = ?, "
      "message = 'The local workspace stopped while this ran.' "
      "WHERE " +
          std::string(k_active) +
          " AND life_cycle <> 'QUEUED' AND parent_id NOT IN (SELECT id FROM jobs_run WHERE life_cycle = 'QUEUED')",
      {now});
}

} // namespace pier::jobs

#pragma once

#include "core/apps/build/python_environment.hpp"
#include "core/base/environment.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/files/access.hpp"
#include "core/files/workspace_files.hpp"
#include "core/identity/identity.hpp"
#include "core/identity/permissions.hpp"
#include "core/lake/lake.hpp"
#include "core/store/database.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace pier::jobs {

struct Options {
  std::filesystem::path folder;        ///< of the workspace: work folders, logs and Python environments of runs
  std::filesystem::path state_folder;  ///< the workspace's folder: hidden from tasks
  std::filesystem::path guard_program; ///< pier-guard; empty: beside this executable
  Environment env;                     ///< of the daemon: PATH, proxies and caches for builds
  std::chrono::milliseconds stop_grace{15'000}; ///< between SIGTERM and SIGKILL of a cancelled task
};

/// The rooms that jobs stand on. All must outlive Jobs.
struct Rooms {
  store::Database& database;
  const Clock& clock;
  identity::Identity& identity;
  identity::Permissions& permissions;
  files::WorkspaceFiles& files;
  files::FileAccess& access;
  lake::Lake& lake;
};

/// Which runs a list shows.
struct RunFilter {
  std::int64_t job_id = 0; ///< 0: of any job
  bool active_only = false;
  bool completed_only = false;
  std::int64_t limit = 20;
  std::string page_token;
};

/// Jobs and their runs (SQLite tables `jobs_*`; facts: workspace-api 3.8). Documents have the shape of the REST API;
/// every call checks the caller's level on "jobs/<id>". Thread-safe; nothing here waits for a run. A run that a kill
/// of the daemon cut ends as INTERNAL_ERROR at the next start.
class Jobs {
 public:
  static Result<std::unique_ptr<Jobs>> open(Options options, Rooms rooms);
  virtual ~Jobs() = default; ///< cancels the active runs and joins all threads

  /// What tasks get as DATABRICKS_HOST. Once, when the REST server listens; queued runs go on.
  virtual Result<void> start(std::string workspace_url) = 0;
  /// Cancels the active runs.
  virtual void shut_down() = 0;

  virtual Result<Json> create(const identity::Caller& caller, const Json& settings) = 0; ///< {"job_id"}
  virtual Result<void> reset(const identity::Caller& caller, std::int64_t job_id, const Json& settings) = 0;
  /// Replaces top-level members of the settings and removes the named ones.
  virtual Result<void> update(const identity::Caller& caller, std::int64_t job_id, const Json& settings,
                              const std::vector<std::string>& fields_to_remove) = 0;
  virtual Result<Json> get(const identity::Caller& caller, std::int64_t job_id) = 0;
  /// {"jobs","has_more","next_page_token"}; name: exact, without case; empty: all.
  virtual Result<Json> list(const identity::Caller& caller, std::string_view name, std::int64_t limit,
                            std::string_view page_token) = 0;
  virtual Result<void> remove(const identity::Caller& caller, std::int64_t job_id) = 0;

  virtual Result<Json> run_now(const identity::Caller& caller, const Json& request) = 0; ///< {"run_id","number_in_job"}
  virtual Result<Json> submit(const identity::Caller& caller, const Json& request) = 0;  ///< {"run_id"}
  virtual Result<Json> run(const identity::Caller& caller, std::int64_t run_id) = 0;
  virtual Result<Json> runs(const identity::Caller& caller, const RunFilter& filter) = 0;
  /// Of a task run, or of a run with one task.
  virtual Result<Json> output(const identity::Caller& caller, std::int64_t run_id) = 0;
  virtual Result<void> cancel(const identity::Caller& caller, std::int64_t run_id) = 0;
  virtual Result<void> cancel_all(const identity::Caller& caller, std::int64_t job_id) = 0;
  virtual Result<void> remove_run(const identity::Caller& caller, std::int64_t run_id) = 0;
};

} // namespace pier::jobs

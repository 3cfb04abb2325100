#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/deploy/deployer.hpp"

#include <map>
#include <string>
#include <vector>

namespace pier::deploy {

struct RunOptions {
  std::map<std::string, std::string> parameters; ///< job parameters
  std::vector<std::string> only;                 ///< tasks to run; empty: all
  bool wait = true;
  bool restart = false;          ///< cancel active runs first
  BeforeAppCode before_app_code; ///< apps: databases are brought up to date first
};

struct TaskOutput {
  std::string task;
  std::string state; ///< "SUCCESS", "FAILED" …
  std::string output;
};

struct RunResult {
  std::string kind; ///< "jobs" or "apps"
  std::int64_t run_id = 0;
  std::string url; ///< of the run or the app
  std::string state;
  std::string message;
  std::vector<TaskOutput> tasks;

  [[nodiscard]] bool succeeded() const { return state == "SUCCESS" || state == "RUNNING" || state == "PENDING"; }
};

/// The deployed job or app that is called `name`: its key ("nightly" or "jobs.nightly") or the name it has
/// in the workspace. Errors PIER2060 (none), PIER2061 (several), PIER2062 (not deployed yet).
Result<model::ResourceKey> find_runnable(const Session& session, const std::string& name);

/// Runs a deployed job once, or starts a deployed app with the code as it was uploaded. A run that fails is
/// a result, not an error.
Result<RunResult> run_resource(Session& session, const model::ResourceKey& key, const RunOptions& options);

} // namespace pier::deploy

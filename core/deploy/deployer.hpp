#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/deploy/applier.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/observer.hpp"
#include "core/deploy/plan.hpp"
#include "core/model/bundle.hpp"
#include "core/model/usage.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pier::deploy {

/// What every command about a target works with; bundle, client and observer must outlive it.
struct Session {
  const model::Bundle& bundle;
  model::CurrentUser user;
  workspace_client::RestClient& client;
  Observer& observer;
  Environment env;
  bool compatible = false; ///< the steps and words of the official engine, nothing more
};

/// What a person is asked before something is lost.
struct Approval {
  struct Group {
    std::string kind;              ///< "schemas"; empty: several
    std::string message;           ///< what is lost
    std::vector<std::string> keys; ///< "jobs.x", each with its verb: "delete", "recreate"
    std::vector<Action> actions;
  };

  std::vector<Group> groups;
  bool deletes = false;           ///< destroy only: something goes, if only permissions
  std::string root_path;          ///< destroy only: the folder that goes
  std::set<std::string> retained; ///< "pipelines.x" whose tables stay when they are destroyed
};

/// True: go on. An error when nobody can be asked.
using Approve = std::function<Result<bool>(const Approval&)>;

struct DeployOptions {
  bool force_lock = false;
  std::vector<std::string> select; ///< "jobs.x"; empty: everything
  std::optional<Plan> plan;        ///< made before, instead of a new one
  Approve approve;
  bool force = false;               ///< from any Git branch
  bool fail_on_active_runs = false; ///< not while a job or pipeline of the bundle runs
  /// Apps that run and whose files changed get their new code, also when nothing else about them did.
  bool deploy_changed_code = true;
  BeforeAppCode before_app_code;
  /// What no app had to wait for. `changed`: the plan was not empty.
  std::function<Result<void>(bool changed)> after_apply;
  SyncListener* sync_listener = nullptr; ///< hears each file; unset: the observer hears how many there are
  model::Usage* usage = nullptr;         ///< told what there is to report, also of a deployment that fails
};

struct AppUrl {
  std::string name;
  std::string url;
};

struct DeployResult {
  Plan plan;
  std::size_t files_uploaded = 0;
  std::size_t files_removed = 0;
  std::vector<std::string> code_deployed; ///< apps that got new code without another change
  std::vector<AppUrl> apps;
  bool cancelled = false;
};

/// Carries out the whole deployment in the order of facts: bundles 9. Errors of single resources go to the
/// observer as they happen; the error returned is the only one, or PIER2030 with their number.
Result<DeployResult> deploy_target(Session& session, const DeployOptions& options);

struct PlanResult {
  Plan plan;
  std::vector<std::string> changed_code; ///< apps whose files changed and nothing else
};

struct PlanOptions {
  std::vector<std::string> select;
  bool force = false; ///< on any Git branch
};

/// Reads only.
Result<PlanResult> plan_target(Session& session, const PlanOptions& options);

struct DestroyOptions {
  bool force_lock = false;
  Approve approve;
};

struct DestroyResult {
  bool nothing_deployed = false;
  bool cancelled = false;
  std::size_t removed = 0; ///< resources, without their permissions and grants
};

Result<DestroyResult> destroy_target(Session& session, const DestroyOptions& options);

} // namespace pier::deploy

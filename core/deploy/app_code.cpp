#include "core/deploy/app_code.hpp"

#include "core/workspace_client/workspace_client.hpp"

#include <array>

namespace pier::deploy {
namespace {

using workspace_client::Apps;

Result<Json> begin_deployment(Operation& operation, Apps& apps, const std::string& name, const Json& body) {
  auto begun = apps.deploy(name, body);
  if (begun) {
    return begun;
  }
  PIER_TRY_ASSIGN(const auto app, apps.get(name));
  PIER_TRY(wait_for_running_deployments(operation, name, app));
  return apps.deploy(name, body);
}

} // namespace

Result<void> wait_for_running_deployments(Operation& operation, const std::string& name, const Json& app) {
  Apps apps(operation.client);
  for (const auto* which : {"active_deployment", "pending_deployment"}) {
    const auto* state = app.find_path({which, "status", "state"});
    if (state == nullptr || !state->is_string() || state->as_string() != "IN_PROGRESS") {
      continue;
    }
    operation.report("waiting for a deployment that is in progress");
    PIER_TRY(apps.wait_for_deployment(name, app.find(which)->get_string("deployment_id")));
  }
  return {};
}

Json make_deployment(const Json& state) {
  auto body = Json::object({{"mode", "SNAPSHOT"}});
  if (const auto path = state.get_string("source_code_path"); !path.empty()) {
    body["source_code_path"] = path;
  }
  if (const auto* git = state.find("git_source"); git != nullptr && git->is_object()) {
    auto source = *git;
    source.erase("git_repository");
    body["git_source"] = std::move(source);
  }
  if (const auto* command = state.find_path({"config", "command"}); command != nullptr && !command->is_empty()) {
    body["command"] = *command;
  }
  if (const auto* env = state.find_path({"config", "env"}); env != nullptr && !env->is_empty()) {
    body["env_vars"] = *env;
  }
  return body;
}

Result<void> start_and_deploy_code(Operation& operation, const std::string& name, const Json& state, bool running) {
  Apps apps(operation.client);
  if (!running) {
    PIER_TRY(apps.start(name));
    PIER_TRY_ASSIGN(const auto app, apps.wait_for_compute(name, {"ACTIVE"}));
    PIER_TRY(wait_for_running_deployments(operation, name, app));
  }
  if (operation.before_app_code) {
    PIER_TRY(operation.before_app_code(name));
  }
  PIER_TRY_ASSIGN(const auto deployment, begin_deployment(operation, apps, name, make_deployment(state)));
  PIER_TRY(apps.wait_for_deployment(name, deployment.get_string("deployment_id"),
                                    [&](std::string_view message) { operation.report(std::string(message)); }));
  return {};
}

} // namespace pier::deploy

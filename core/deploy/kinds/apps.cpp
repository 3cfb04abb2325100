#include "core/deploy/app_code.hpp"
#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/apps";
constexpr auto k_delete_wait = std::chrono::minutes(15);
constexpr auto k_update_wait = std::chrono::minutes(20);
constexpr std::string_view k_update_mask =
    "description,budget_policy_id,usage_policy_id,resources,user_api_scopes,forward_user_access_token,compute_size,"
    "compute_min_instances,compute_max_instances,git_repository,telemetry_export_destinations";

bool is_stopped(const Json& app) {
  const auto state = text_at(app, "compute_status", "state");
  return state.empty() || state == "STOPPED" || state == "ERROR";
}

/// What belongs to a deployment of code is not part of the app's own body.
Json body_of(const Json& state) {
  auto body = state;
  for (const auto* field : {"source_code_path", "git_source", "config", "lifecycle"}) {
    body.erase(field);
  }
  return body;
}

/// Command and environment of a deployment, as the bundle's `config` says them.
Json config_of_deployment(const Json& deployment) {
  auto config = Json::object();
  if (const auto* command = deployment.find("command"); command != nullptr && !command->is_empty()) {
    config["command"] = *command;
  }
  if (const auto* env = deployment.find("env_vars"); env != nullptr && !env->is_empty()) {
    config["env"] = *env;
  }
  return config.is_empty() ? Json() : config;
}

/// The app with the members that only bundles know, taken from its active deployment.
Json with_bundle_fields(Json app) {
  app["lifecycle"] = Json::object({{"started", !is_stopped(app)}});
  const auto* active = app.find("active_deployment");
  if (active != nullptr && active->is_object()) {
    const Json deployment = *active;
    app["source_code_path"] = app.get_string("default_source_code_path");
    if (const auto* git = deployment.find("git_source")) {
      app["git_source"] = *git;
    }
    app["config"] = config_of_deployment(deployment);
  }
  return app;
}

Result<Json> read(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(auto app, workspace_client::Apps(operation.client).get(id));
  return with_bundle_fields(std::move(app));
}

/// True while an app of that name is on its way out, or has just gone.
Result<bool> is_leaving(Operation& operation, const std::string& name) {
  auto existing = workspace_client::Apps(operation.client).get(name);
  if (existing) {
    return text_at(*existing, "compute_status", "state") == "DELETING";
  }
  if (existing.error().kind == ErrorKind::not_found) {
    return true;
  }
  return std::move(existing).error();
}

Result<std::string> create(Operation& operation, Json& state) {
  http::Query query;
  if (!wanted_started(state).value_or(false)) {
    query.add("no_compute", "true");
  }
  const auto body = body_of(state);
  PIER_TRY_ASSIGN(const auto created,
                  workspace_client::poll_until(operation.client, k_delete_wait, "the old app of that name",
                                               [&]() -> Result<std::optional<Json>> {
                                                 auto answer = operation.client.post(std::string(k_base), body, query);
                                                 if (answer) {
                                                   return std::optional(std::move(answer).value());
                                                 }
                                                 if (answer.error().kind != ErrorKind::already_exists) {
                                                   return std::move(answer).error();
                                                 }
                                                 PIER_TRY_ASSIGN(const bool leaving,
                                                                 is_leaving(operation, state.get_string("name")));
                                                 if (!leaving) {
                                                   return std::move(answer).error();
                                                 }
                                                 return std::optional<Json>();
                                               }));
  return created.get_string("name");
}

Result<void> manage_lifecycle(Operation& operation, const std::string& id, const Json& state, bool running) {
  const auto wanted = wanted_started(state);
  if (!wanted) {
    return {};
  }
  workspace_client::Apps apps(operation.client);
  if (*wanted) {
    return start_and_deploy_code(operation, id, state, running);
  }
  if (running) {
    PIER_TRY(apps.stop(id));
    PIER_TRY(apps.wait_for_compute(id, {"STOPPED"}));
  }
  return {};
}

Result<void> after_create(Operation& operation, const std::string& id, const Json& state) {
  PIER_TRY_ASSIGN(const auto app, workspace_client::Apps(operation.client).wait_for_compute(id, {"ACTIVE", "STOPPED"}));
  return manage_lifecycle(operation, id, state, !is_stopped(app));
}

Result<void> update_settings(Operation& operation, const std::string& id, const Json& state) {
  PIER_TRY(operation.client.post(path_of(k_base, id, "/update"),
                                 Json::object({{"app", body_of(state)}, {"update_mask", std::string(k_update_mask)}})));
  PIER_TRY(workspace_client::poll_until(
      operation.client, k_update_wait, "the update of app " + id, [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(auto update, operation.client.get(path_of(k_base, id, "/update")));
        const auto status = text_at(update, "status", "state");
        if (status == "SUCCEEDED") {
          return std::optional(std::move(update));
        }
        if (status == "FAILED" || status == "NOT_UPDATED") {
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER2031",
                       .message = "update status: " + status + ": " + text_at(update, "status", "message")};
        }
        return std::optional<Json>();
      }));
  return {};
}

Result<void> update(Operation& operation, const Update& update, Json& state) {
  const bool settings = changes_other_than(
      update.changes, {"source_code_path", "config", "git_source", "lifecycle", "lifecycle.started"});
  if (settings) {
    PIER_TRY(update_settings(operation, update.id, state));
  }
  return manage_lifecycle(operation, update.id, state, wanted_started(update.remote).value_or(false));
}

/// Code and its settings are only known from an active deployment; without one there is nothing to compare.
void review(const std::string& path, FieldChange& change, const Json& remote) {
  const auto first = path.substr(0, path.find_first_of(".["));
  const bool of_code = first == "source_code_path" || first == "config" || first == "git_source";
  if (of_code && !remote.contains("active_deployment")) {
    change.action = Action::skip;
    change.reason = "no active deployment";
    return;
  }
  // Deployments tell the names of their variables, not always the values.
  const bool value = path.starts_with("config.env[") && (path.ends_with("].value") || path.ends_with("].value_from"));
  if (value && change.remote.is_null() && same_value(change.before, change.after)) {
    change.action = Action::skip;
    change.reason = "missing_in_remote";
  }
}

} // namespace

Kind apps() {
  Kind kind;
  kind.name = "apps";
  kind.update_tells_remote = false;
  kind.remote_fields = {"active_deployment",
                        "app_status",
                        "compute_status",
                        "create_time",
                        "creator",
                        "default_git_source",
                        "default_source_code_path",
                        "effective_budget_policy_id",
                        "effective_usage_policy_id",
                        "effective_user_api_scopes",
                        "id",
                        "oauth2_app_client_id",
                        "oauth2_app_integration_id",
                        "pending_deployment",
                        "service_principal_client_id",
                        "service_principal_id",
                        "service_principal_name",
                        "thumbnail_url",
                        "update_time",
                        "updater",
                        "url"};
  kind.state_fields = {"budget_policy_id",
                       "compute_max_instances",
                       "compute_min_instances",
                       "compute_size",
                       "config",
                       "description",
                       "forward_user_access_token",
                       "git_repository",
                       "git_source",
                       "name",
                       "resources",
                       "source_code_path",
                       "space",
                       "telemetry_export_destinations",
                       "usage_policy_id",
                       "user_api_scopes"};
  kind.prepare = [fields = kind.state_fields](const model::ResourceNode& node) -> Result<Json> {
    auto state = pick(node.config, fields);
    if (const auto started = wanted_started(node.config)) {
      state["lifecycle"] = Json::object({{"started", *started}});
    }
    return state;
  };
  // The official state holds the whole app, so what only the workspace knows shows up in plans as skipped.
  kind.remap = [known = pick_known(kind)](const Json& remote) {
    auto picked = known(remote);
    picked["lifecycle"] = *remote.find("lifecycle");
    return picked;
  };
  kind.rules.id_fields = rules("id_field", {"name"});
  kind.rules.backend_defaults =
      rules("backend_default", {"compute_size", "forward_user_access_token", "lifecycle", "lifecycle.started"});
  kind.rules.ignore_remote =
      joined(rules("managed", {"space"}), rules("spec:input_only", {"git_source", "source_code_path"}));
  for (const auto& field : kind.remote_fields) {
    kind.rules.ignore_remote.push_back(FieldRule{.field = field, .reason = "spec:output_only"});
  }
  kind.read = read;
  kind.create = create;
  kind.after_create = after_create;
  kind.update = update;
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.remove(path_of(k_base, id)));
    return {};
  };
  kind.is_going = [](const Json& remote) { return text_at(remote, "compute_status", "state") == "DELETING"; };
  kind.review = review;
  return kind;
}

} // namespace pier::deploy::kinds

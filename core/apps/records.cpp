#include "core/apps/records.hpp"

#include "core/base/clock.hpp"

#include <array>

namespace pier::apps {
namespace {

constexpr std::array<std::string_view, 3> k_compute = {"ACTIVE", "STOPPED", "DELETING"};
constexpr std::array<std::string_view, 5> k_state = {"DEPLOYING", "RUNNING", "ASLEEP", "CRASHED", "UNAVAILABLE"};
constexpr std::array<std::string_view, 3> k_deployment = {"IN_PROGRESS", "SUCCEEDED", "FAILED"};

template <class Enum, std::size_t Size>
Enum parse_enum(std::string_view text, const std::array<std::string_view, Size>& names) {
  for (std::size_t i = 0; i < Size; ++i) {
    if (names[i] == text) {
      return static_cast<Enum>(i);
    }
  }
  return Enum{};
}

template <class Enum, std::size_t Size>
std::string_view name_of(Enum value, const std::array<std::string_view, Size>& names) {
  return names.at(static_cast<std::size_t>(value));
}

std::string time_text(std::int64_t millis) {
  return to_rfc3339(from_epoch_millis(millis));
}

std::string app_message(const AppRecord& app) {
  if (!app.message.empty()) {
    return app.message;
  }
  switch (app.state) {
  case AppState::running: return "App is running";
  case AppState::asleep: return "App is asleep and wakes on the next request";
  case AppState::deploying: return "App is being deployed";
  case AppState::crashed: return "App has crashed";
  case AppState::unavailable: break;
  }
  return app.compute == Compute::stopped ? "App is stopped" : "App has not been deployed yet";
}

Json value_or_null(const Json* value) {
  return value == nullptr ? Json() : *value;
}

} // namespace

std::string_view to_string(AppState state) {
  return name_of(state == AppState::asleep ? AppState::running : state, k_state);
}

std::string_view to_string(DeploymentState state) {
  return name_of(state, k_deployment);
}

Json AppRecord::to_json() const {
  auto json = Json::object({{"name", name},
                            {"id", id},
                            {"config", config},
                            {"creator", creator},
                            {"updater", updater},
                            {"created_at", created_at},
                            {"updated_at", updated_at},
                            {"sp_id", service_principal.id},
                            {"sp_client_id", service_principal.name},
                            {"sp_name", service_principal.display_name},
                            {"port", static_cast<std::int64_t>(port)},
                            {"compute", name_of(compute, k_compute)},
                            {"state", name_of(state, k_state)},
                            {"message", message},
                            {"active", active_deployment},
                            {"pending", pending_deployment},
                            {"last", last_deployment},
                            {"update", update}});
  if (idle_timeout_ms) {
    json["idle_timeout_ms"] = *idle_timeout_ms;
  }
  return json;
}

AppRecord AppRecord::from_json(const Json& json) {
  AppRecord app;
  app.name = json.get_string("name");
  app.id = json.get_string("id");
  app.config = value_or_null(json.find("config"));
  app.creator = json.get_string("creator");
  app.updater = json.get_string("updater");
  app.created_at = json.get_integer("created_at");
  app.updated_at = json.get_integer("updated_at");
  app.service_principal = {.id = json.get_integer("sp_id"),
                           .kind = model::PrincipalKind::service_principal,
                           .name = json.get_string("sp_client_id"),
                           .display_name = json.get_string("sp_name")};
  app.port = static_cast<std::uint16_t>(json.get_integer("port"));
  app.compute = parse_enum<Compute>(json.get_string("compute"), k_compute);
  app.state = parse_enum<AppState>(json.get_string("state"), k_state);
  app.message = json.get_string("message");
  app.active_deployment = json.get_string("active");
  app.pending_deployment = json.get_string("pending");
  app.last_deployment = json.get_string("last");
  app.update = value_or_null(json.find("update"));
  if (json.contains("idle_timeout_ms")) {
    app.idle_timeout_ms = json.get_integer("idle_timeout_ms");
  }
  return app;
}

Json DeploymentRecord::to_json() const {
  return Json::object({{"id", id},
                       {"app", app},
                       {"state", name_of(state, k_deployment)},
                       {"message", message},
                       {"mode", mode},
                       {"source", source_code_path},
                       {"creator", creator},
                       {"created_at", created_at},
                       {"updated_at", updated_at},
                       {"request", request},
                       {"build", build},
                       {"folder", folder}});
}

DeploymentRecord DeploymentRecord::from_json(const Json& json) {
  return {.id = json.get_string("id"),
          .app = json.get_string("app"),
          .state = parse_enum<DeploymentState>(json.get_string("state"), k_deployment),
          .message = json.get_string("message"),
          .mode = json.get_string("mode"),
          .source_code_path = json.get_string("source"),
          .creator = json.get_string("creator"),
          .created_at = json.get_integer("created_at"),
          .updated_at = json.get_integer("updated_at"),
          .request = value_or_null(json.find("request")),
          .build = value_or_null(json.find("build")),
          .folder = json.get_string("folder")};
}

Json app_document(const AppRecord& app, const std::optional<DeploymentRecord>& active,
                  const std::optional<DeploymentRecord>& pending) {
  Json json = app.config.is_object() ? app.config : Json::object();
  json["name"] = app.name;
  json["id"] = app.id;
  json["url"] = "http://127.0.0.1:" + std::to_string(app.port);
  json["creator"] = app.creator;
  json["updater"] = app.updater;
  json["create_time"] = time_text(app.created_at);
  json["update_time"] = time_text(app.updated_at);
  json["service_principal_id"] = app.service_principal.id;
  json["service_principal_client_id"] = app.service_principal.name;
  json["service_principal_name"] = app.service_principal.display_name;
  json["oauth2_app_client_id"] = app.service_principal.name;
  json["oauth2_app_integration_id"] = app.id;
  if (!json.contains("compute_size")) {
    json["compute_size"] = "MEDIUM";
  }
  const bool stopped = app.compute == Compute::stopped;
  json["compute_status"] =
      Json::object({{"state", name_of(app.compute, k_compute)},
                    {"message", stopped ? "App compute is stopped"
                                        : "App compute is " + std::string(name_of(app.compute, k_compute))},
                    {"active_instances", stopped || app.state == AppState::asleep ? 0 : 1}});
  json["app_status"] = Json::object({{"state", to_string(app.state)}, {"message", app_message(app)}});
  if (app.state == AppState::asleep) {
    // Beside the API's own states, so that its clients go on.
    json["app_status"]["local_state"] = "ASLEEP";
  }
  if (active) {
    json["active_deployment"] = deployment_document(*active);
  }
  if (pending) {
    json["pending_deployment"] = deployment_document(*pending);
  }
  return json;
}

Json deployment_document(const DeploymentRecord& deployment) {
  auto json =
      Json::object({{"deployment_id", deployment.id},
                    {"status", Json::object({{"state", to_string(deployment.state)}, {"message", deployment.message}})},
                    {"mode", deployment.mode},
                    {"source_code_path", deployment.source_code_path},
                    {"deployment_artifacts", Json::object({{"source_code_path", deployment.source_code_path}})},
                    {"creator", deployment.creator},
                    {"create_time", time_text(deployment.created_at)},
                    {"update_time", time_text(deployment.updated_at)}});
  if (const Json* command = deployment.request.find("command")) {
    json["command"] = *command;
  }
  if (const Json* variables = deployment.request.find("env_vars"); variables != nullptr && variables->is_array()) {
    // Names only: values may be secrets.
    Json names = Json::array();
    for (const auto& variable : variables->as_array()) {
      names.push_back(Json::object({{"name", variable.get_string("name")}}));
    }
    json["env_vars"] = std::move(names);
  }
  return json;
}

} // namespace pier::apps

#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/model/principal.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pier::apps {

/// What an app is asked to be; independent of whether its program runs at this moment.
enum class Compute { active, stopped, deleting };

/// What its program does, in the words of the API, and asleep, which the API does not know.
enum class AppState { deploying, running, asleep, crashed, unavailable };

/// An app as it is kept.
struct AppRecord {
  std::string name;
  std::string id; ///< UUID
  Json config;    ///< the request's fields: description, resources, user_api_scopes, compute_size …
  std::string creator;
  std::string updater;
  std::int64_t created_at = 0; ///< epoch milliseconds
  std::int64_t updated_at = 0;
  model::Principal service_principal;
  std::uint16_t port = 0; ///< of the gateway
  Compute compute = Compute::active;
  AppState state = AppState::unavailable;
  std::string message; ///< why it is in that state
  std::string active_deployment;
  std::string pending_deployment;
  std::string last_deployment; ///< stays when a stop clears the active one: start runs it again
  Json update;                 ///< status of the last asynchronous update; null: none yet
  std::optional<std::int64_t> idle_timeout_ms;

  [[nodiscard]] Json to_json() const;
  static AppRecord from_json(const Json& json);
};

enum class DeploymentState { in_progress, succeeded, failed };

struct DeploymentRecord {
  std::string id;
  std::string app;
  DeploymentState state = DeploymentState::in_progress;
  std::string message;
  std::string mode = "SNAPSHOT";
  std::string source_code_path;
  std::string creator;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  Json request;       ///< command, env_vars as sent
  Json build;         ///< what the builder made: see BuiltApp
  std::string folder; ///< below apps/<name>/deployments

  [[nodiscard]] Json to_json() const;
  static DeploymentRecord from_json(const Json& json);
};

std::string_view to_string(AppState state);        ///< "RUNNING"; asleep is RUNNING to the API
std::string_view to_string(DeploymentState state); ///< "IN_PROGRESS"

/// The documents of the API.
Json app_document(const AppRecord& app, const std::optional<DeploymentRecord>& active,
                  const std::optional<DeploymentRecord>& pending);
Json deployment_document(const DeploymentRecord& deployment);

} // namespace pier::apps

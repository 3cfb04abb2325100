#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/sql/warehouses";
constexpr auto k_wait = std::chrono::minutes(20);

Result<Json> read(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(auto warehouse, operation.client.get(path_of(k_base, id)));
  const auto state = warehouse.get_string("state");
  warehouse["lifecycle"] = Json::object({{"started", state == "RUNNING"}});
  return warehouse;
}

Result<void> wait_for_state(Operation& operation, const std::string& id, std::string_view wanted) {
  PIER_TRY(
      workspace_client::poll_until(operation.client, k_wait, "warehouse " + id, [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(auto warehouse, operation.client.get(path_of(k_base, id)));
        const auto state = warehouse.get_string("state");
        if (state == wanted) {
          return std::optional(std::move(warehouse));
        }
        if (state == "DELETED" || (wanted == "RUNNING" && state == "STOPPED")) {
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER2033",
                       .message = "failed to reach " + std::string(wanted) + ", got " + state};
        }
        return std::optional<Json>();
      }));
  return {};
}

Result<void> call(Operation& operation, const std::string& id, std::string_view verb) {
  PIER_TRY(operation.client.post(path_of(k_base, id, verb), Json::object()));
  return {};
}

Result<void> update(Operation& operation, const Update& update, Json& state) {
  const bool edited = changes_other_than(update.changes, {"lifecycle", "lifecycle.started"});
  if (edited) {
    auto body = state;
    body.erase("lifecycle");
    PIER_TRY(operation.client.post(path_of(k_base, update.id, "/edit"), std::move(body)));
  }
  const auto wanted = wanted_started(state);
  if (!wanted) {
    return {};
  }
  // An edit restarts the warehouse.
  const bool running = edited || update.remote.get_string("state") == "RUNNING";
  if (*wanted != running) {
    return call(operation, update.id, *wanted ? "/start" : "/stop");
  }
  return {};
}

Result<void> after_update(Operation& operation, const std::string& id, const Json& state) {
  const auto wanted = wanted_started(state);
  return wanted ? wait_for_state(operation, id, *wanted ? "RUNNING" : "STOPPED") : Result<void>();
}

Result<void> after_create(Operation& operation, const std::string& id, const Json& state) {
  const auto wanted = wanted_started(state);
  if (!wanted) {
    return {};
  }
  PIER_TRY(wait_for_state(operation, id, "RUNNING"));
  if (*wanted) {
    return {};
  }
  PIER_TRY(call(operation, id, "/stop"));
  return wait_for_state(operation, id, "STOPPED");
}

} // namespace

Kind sql_warehouses() {
  Kind kind;
  kind.name = "sql_warehouses";
  kind.create_tells_remote = kind.update_tells_remote = false;
  const std::vector<std::string> fields = {"auto_stop_mins",       "channel",
                                           "cluster_size",         "creator_name",
                                           "enable_photon",        "enable_serverless_compute",
                                           "instance_profile_arn", "max_num_clusters",
                                           "min_num_clusters",     "name",
                                           "spot_instance_policy", "tags",
                                           "warehouse_type"};
  kind.state_fields = fields;
  kind.remote_fields = {"health", "id", "jdbc_url", "num_active_sessions", "num_clusters", "odbc_params", "state"};
  kind.prepare = [fields](const model::ResourceNode& node) -> Result<Json> {
    auto state = pick(node.config, fields);
    if (const auto started = wanted_started(node.config)) {
      state["lifecycle"] = Json::object({{"started", *started}});
    }
    return state;
  };
  kind.remap = [fields](const Json& remote) {
    auto state = pick(remote, fields);
    state["lifecycle"] = Json::object({{"started", remote.get_string("state") == "RUNNING"}});
    return state;
  };
  kind.rules.ignore_remote = joined(rules("managed", {"channel", "tags", "warehouse_type", "min_num_clusters"}),
                                    rules("output_only", {"creator_name"}));
  kind.rules.backend_defaults =
      rules("backend_default", {"lifecycle", "lifecycle.started", "enable_serverless_compute"});
  kind.read = read;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    auto body = state;
    body.erase("lifecycle");
    PIER_TRY_ASSIGN(const auto answer, operation.client.post(std::string(k_base), std::move(body)));
    return answer.get_string("id");
  };
  kind.after_create = after_create;
  kind.update = update;
  kind.after_update = after_update;
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.remove(path_of(k_base, id)));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

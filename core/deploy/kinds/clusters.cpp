#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <algorithm>

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_api = "/api/2.1/clusters/";
constexpr auto k_wait = std::chrono::minutes(30);

const std::vector<std::string> k_spec = {"apply_policy_default_values",
                                         "autoscale",
                                         "autotermination_minutes",
                                         "aws_attributes",
                                         "azure_attributes",
                                         "cluster_log_conf",
                                         "cluster_name",
                                         "custom_tags",
                                         "data_security_mode",
                                         "dependency_mode",
                                         "docker_image",
                                         "driver_instance_pool_id",
                                         "driver_node_type_flexibility",
                                         "driver_node_type_id",
                                         "enable_elastic_disk",
                                         "enable_local_disk_encryption",
                                         "gcp_attributes",
                                         "init_scripts",
                                         "instance_pool_id",
                                         "is_single_node",
                                         "kind",
                                         "node_type_id",
                                         "num_workers",
                                         "policy_id",
                                         "remote_disk_throughput",
                                         "runtime_engine",
                                         "single_user_name",
                                         "spark_conf",
                                         "spark_env_vars",
                                         "spark_version",
                                         "ssh_public_keys",
                                         "total_initial_remote_disk_size",
                                         "use_ml_runtime",
                                         "worker_node_type_flexibility",
                                         "workload_type"};

std::string api(std::string_view call) {
  return std::string(k_api) + std::string(call);
}

Result<Json> get(Operation& operation, const std::string& id) {
  http::Query query;
  query.add("cluster_id", id);
  return operation.client.get(api("get"), std::move(query));
}

Result<Json> read(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(auto cluster, get(operation, id));
  if (const auto* applied = cluster.find_path({"spec", "apply_policy_default_values"})) {
    cluster["apply_policy_default_values"] = *applied;
  }
  const auto state = cluster.get_string("state");
  if (state == "RUNNING" || state == "TERMINATED") {
    cluster["lifecycle"] = Json::object({{"started", state == "RUNNING"}});
  }
  return cluster;
}

Json state_of_remote(const Json& remote) {
  auto state = pick(remote, k_spec);
  state["lifecycle"] = Json::object({{"started", remote.get_string("state") == "RUNNING"}});
  return state;
}

/// A cluster of fixed size says so, even when the size is 0.
Json body_of(const Json& state) {
  auto body = state;
  body.erase("lifecycle");
  if (!body.contains("autoscale") && !body.contains("num_workers")) {
    body["num_workers"] = 0;
  }
  return body;
}

Result<void> wait_for(Operation& operation, const std::string& id, std::string_view wanted) {
  PIER_TRY(
      workspace_client::poll_until(operation.client, k_wait, "cluster " + id, [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(auto cluster, get(operation, id));
        const auto state = cluster.get_string("state");
        if (state == wanted) {
          return std::optional(std::move(cluster));
        }
        if (state == "ERROR" || (wanted == "RUNNING" && state == "TERMINATED")) {
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER2033",
                       .message = "failed to reach " + std::string(wanted) + ", got " + state + ": " +
                                  cluster.get_string("state_message")};
        }
        return std::optional<Json>();
      }));
  return {};
}

Result<void> call(Operation& operation, std::string_view verb, const std::string& id) {
  PIER_TRY(operation.client.post(api(verb), Json::object({{"cluster_id", id}})));
  return {};
}

Result<void> edit(Operation& operation, const std::string& id, const Json& state) {
  auto body = body_of(state);
  body["cluster_id"] = id;
  PIER_TRY(
      workspace_client::poll_until(operation.client, k_wait, "cluster " + id, [&]() -> Result<std::optional<Json>> {
        auto edited = operation.client.post(api("edit"), body);
        if (edited) {
          return std::optional(Json::object());
        }
        // It is starting or stopping; then it can be changed in a while.
        return edited.error().code == "INVALID_STATE" ? Result<std::optional<Json>>(std::optional<Json>())
                                                      : Result<std::optional<Json>>(edited.error());
      }));
  return {};
}

Result<void> update(Operation& operation, const Update& update, Json& state) {
  const bool resized = std::any_of(update.changes.begin(), update.changes.end(),
                                   [](const auto& item) { return item.second.action == Action::resize; });
  if (resized && heaviest(update.changes) == Action::resize) {
    auto body = pick(state, {"num_workers", "autoscale"});
    body["cluster_id"] = update.id;
    const auto answer = operation.client.post(api("resize"), std::move(body));
    if (answer || answer.error().code != "INVALID_STATE") {
      return answer ? Result<void>() : Result<void>(answer.error());
    }
  }
  if (changes_other_than(update.changes, {"lifecycle", "lifecycle.started"})) {
    PIER_TRY(edit(operation, update.id, state));
  }
  const auto wanted = wanted_started(state);
  const bool running = update.remote.get_string("state") == "RUNNING";
  if (!wanted || *wanted == running) {
    return {};
  }
  return call(operation, *wanted ? "start" : "delete", update.id);
}

Result<void> after_create(Operation& operation, const std::string& id, const Json& state) {
  PIER_TRY(wait_for(operation, id, "RUNNING"));
  if (wanted_started(state).value_or(true)) {
    return {};
  }
  PIER_TRY(call(operation, "delete", id));
  return wait_for(operation, id, "TERMINATED");
}

Result<void> after_update(Operation& operation, const std::string& id, const Json& state) {
  const auto wanted = wanted_started(state);
  return wanted ? wait_for(operation, id, *wanted ? "RUNNING" : "TERMINATED") : Result<void>();
}

/// Newer names of security modes are told back by the older ones; a running cluster is resized.
void review(const std::string& path, FieldChange& change, const Json& remote) {
  if (change.action != Action::update) {
    return;
  }
  const auto first = path.substr(0, path.find_first_of(".["));
  if (first == "data_security_mode" && change.after.is_string() && change.remote.is_string() &&
      same_value(change.before, change.after)) {
    const auto& wanted = change.after.as_string();
    const auto& told = change.remote.as_string();
    const bool single = told == "SINGLE_USER";
    const bool shared = told == "USER_ISOLATION";
    if ((wanted == "DATA_SECURITY_MODE_STANDARD" && shared) || (wanted == "DATA_SECURITY_MODE_DEDICATED" && single) ||
        (wanted == "DATA_SECURITY_MODE_AUTO" && (single || shared))) {
      change.action = Action::skip;
      change.reason = "alias";
    }
  } else if ((first == "num_workers" || first == "autoscale") && remote.get_string("state") == "RUNNING") {
    change.action = Action::resize;
  }
}

} // namespace

Kind clusters() {
  Kind kind;
  kind.name = "clusters";
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.state_fields = k_spec;
  kind.remote_fields = {"cluster_cores",       "cluster_id",
                        "cluster_log_status",  "cluster_memory_mb",
                        "cluster_source",      "creator_user_name",
                        "default_tags",        "driver",
                        "executors",           "jdbc_port",
                        "last_restarted_time", "last_state_loss_time",
                        "spark_context_id",    "spec",
                        "start_time",          "state",
                        "state_message",       "terminated_time",
                        "termination_reason"};
  kind.prepare = [](const model::ResourceNode& node) -> Result<Json> {
    auto state = pick(node.config, k_spec);
    if (const auto started = wanted_started(node.config)) {
      state["lifecycle"] = Json::object({{"started", *started}});
    }
    return state;
  };
  kind.remap = state_of_remote;
  kind.rules.ignore_remote = rules("managed", {"aws_attributes", "azure_attributes", "gcp_attributes"});
  kind.rules.backend_defaults =
      rules("backend_default", {"lifecycle", "lifecycle.started", "enable_elastic_disk", "enable_local_disk_encryption",
                                "node_type_id", "driver_node_type_id", "driver_instance_pool_id", "single_user_name"});
  kind.read = read;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY_ASSIGN(const auto answer, operation.client.post(api("create"), body_of(state)));
    return answer.get_string("cluster_id");
  };
  kind.after_create = after_create;
  kind.update = update;
  kind.after_update = after_update;
  kind.remove = remove_by(api("permanent-delete"), "cluster_id");
  kind.review = review;
  return kind;
}

} // namespace pier::deploy::kinds

#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_endpoints = "/api/2.0/vector-search/endpoints";
constexpr std::string_view k_indexes = "/api/2.0/vector-search/indexes";
constexpr auto k_endpoint_wait = std::chrono::minutes(60);
constexpr auto k_index_wait = std::chrono::minutes(75);
constexpr auto k_delete_wait = std::chrono::minutes(15);
constexpr auto k_name_wait = std::chrono::minutes(1);

Result<Json> read_endpoint(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(auto remote, operation.client.get(path_of(k_endpoints, id)));
  remote["endpoint_uuid"] = remote.get_string("id");
  if (const auto* target = remote.find_path({"scaling_info", "requested_target_qps"})) {
    remote["target_qps"] = *target;
  }
  return remote;
}

Result<void> wait_until_online(Operation& operation, const std::string& id, const Json&) {
  PIER_TRY(workspace_client::poll_until(
      operation.client, k_endpoint_wait, "vector search endpoint " + id, [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(auto endpoint, operation.client.get(path_of(k_endpoints, id)));
        const auto state = text_at(endpoint, "endpoint_status", "state");
        if (state == "ONLINE") {
          return std::optional(std::move(endpoint));
        }
        if (state == "OFFLINE") {
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER2033",
                       .message =
                           "failed to reach ONLINE, got OFFLINE: " + text_at(endpoint, "endpoint_status", "message")};
        }
        return std::optional<Json>();
      }));
  return {};
}

bool changes(const Update& update, std::string_view field) {
  const auto it = update.changes.find(std::string(field));
  return it != update.changes.end() && it->second.action != Action::skip;
}

Result<void> update_endpoint(Operation& operation, const Update& update, Json& state) {
  if (changes(update, "budget_policy_id")) {
    PIER_TRY(operation.client.patch(path_of(k_endpoints, update.id, "/budget-policy"),
                                    Json::object({{"budget_policy_id", state.get_string("budget_policy_id")}})));
  }
  if (changes(update, "target_qps")) {
    PIER_TRY(operation.client.patch(path_of(k_endpoints, update.id), pick(state, {"target_qps"})));
  }
  return {};
}

/// Empty when there is no such endpoint.
Result<std::string> uuid_of_endpoint(Operation& operation, const std::string& name) {
  if (name.empty()) {
    return std::string();
  }
  const auto endpoint = operation.client.get(path_of(k_endpoints, name));
  if (!endpoint) {
    return endpoint.error().kind == ErrorKind::not_found
               ? Result<std::string>(std::string())
               : Result<std::string>(
                     Error(endpoint.error()).with_context("looking up vector search endpoint \"" + name + "\""));
  }
  return endpoint->get_string("id");
}

Result<Json> read_index(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(auto remote, operation.client.get(path_of(k_indexes, id)));
  PIER_TRY_ASSIGN(const auto uuid, uuid_of_endpoint(operation, remote.get_string("endpoint_name")));
  remote["endpoint_uuid"] = uuid;
  return remote;
}

Json index_state(const Json& remote) {
  auto state = pick(remote, {"direct_access_index_spec", "endpoint_name", "endpoint_uuid", "index_subtype",
                             "index_type", "name", "primary_key"});
  if (const auto* spec = remote.find("delta_sync_index_spec"); spec != nullptr) {
    state["delta_sync_index_spec"] =
        pick(*spec, {"columns_to_index", "columns_to_sync", "embedding_source_columns", "embedding_vector_columns",
                     "embedding_writeback_table", "pipeline_type", "source_table"});
  }
  return state;
}

Result<std::string> create_index(Operation& operation, Json& state) {
  auto body = state;
  body.erase("endpoint_uuid");
  PIER_TRY(workspace_client::poll_until(
      operation.client, k_name_wait, "the old index of that name", [&]() -> Result<std::optional<Json>> {
        auto made = operation.client.post(std::string(k_indexes), body);
        if (made) {
          return std::optional(std::move(made).value());
        }
        const bool leaving = made.error().code == "INVALID_PARAMETER_VALUE" &&
                             made.error().message.find("pending deletion") != std::string::npos;
        return leaving ? Result<std::optional<Json>>(std::optional<Json>()) : Result<std::optional<Json>>(made.error());
      }));
  PIER_TRY_ASSIGN(const auto uuid, uuid_of_endpoint(operation, state.get_string("endpoint_name")));
  if (!uuid.empty()) {
    state["endpoint_uuid"] = uuid;
  }
  return state.get_string("name");
}

Result<void> wait_until_ready(Operation& operation, const std::string& id, const Json&) {
  PIER_TRY(workspace_client::poll_until(operation.client, k_index_wait, "vector search index " + id,
                                        [&]() -> Result<std::optional<Json>> {
                                          PIER_TRY_ASSIGN(auto index, operation.client.get(path_of(k_indexes, id)));
                                          const auto* ready = index.find_path({"status", "ready"});
                                          const bool done = ready != nullptr && ready->is_bool() && ready->as_bool();
                                          return done ? std::optional(std::move(index)) : std::optional<Json>();
                                        }));
  return {};
}

Result<void> wait_until_gone(Operation& operation, const std::string& id) {
  PIER_TRY(workspace_client::poll_until(
      operation.client, k_delete_wait, "the deletion of index " + id, [&]() -> Result<std::optional<Json>> {
        const auto index = operation.client.get(path_of(k_indexes, id));
        if (index) {
          return std::optional<Json>();
        }
        return index.error().kind == ErrorKind::not_found ? Result<std::optional<Json>>(std::optional(Json::object()))
                                                          : Result<std::optional<Json>>(index.error());
      }));
  return {};
}

/// An index belongs to one endpoint; another one of the same name has no index.
void review_index(const std::string& path, FieldChange& change, const Json& remote) {
  if (path != "endpoint_uuid") {
    return;
  }
  const auto saved = change.before.is_string() ? change.before.as_string() : std::string();
  const bool replaced = !saved.empty() && saved != remote.get_string("endpoint_uuid");
  change.action = replaced ? Action::recreate : Action::skip;
  change.reason = replaced ? "endpoint replaced out-of-band" : "state-only field";
}

} // namespace

Kind vector_search_endpoints() {
  Kind kind;
  kind.name = "vector_search_endpoints";
  kind.update_tells_remote = false;
  kind.state_fields = {"budget_policy_id", "endpoint_type", "name", "target_qps", "usage_policy_id"};
  kind.remote_fields = {"creation_timestamp", "creator",       "custom_tags", "effective_budget_policy_id",
                        "endpoint_status",    "endpoint_uuid", "id",          "last_updated_timestamp",
                        "last_updated_user",  "num_indexes",   "scaling_info"};
  kind.rules.id_fields = rules("id_field", {"name"});
  kind.rules.recreate = rules("immutable", {"endpoint_type"});
  kind.rules.ignore_remote = rules("effective_vs_requested", {"budget_policy_id"});
  kind.rules.not_returned = {"usage_policy_id"};
  kind.read = read_endpoint;
  kind.create = create_at(std::string(k_endpoints), "name");
  kind.after_create = wait_until_online;
  kind.update = update_endpoint;
  kind.remove = remove_at(std::string(k_endpoints));
  return kind;
}

Kind vector_search_indexes() {
  Kind kind;
  kind.name = "vector_search_indexes";
  kind.state_fields = {"delta_sync_index_spec",
                       "direct_access_index_spec",
                       "endpoint_name",
                       "index_subtype",
                       "index_type",
                       "name",
                       "primary_key"};
  kind.remote_fields = {"creator", "endpoint_id", "endpoint_uuid", "status"};
  kind.data_loss =
      "This action will result in the deletion or recreation of the following Vector Search indexes, which "
      "can be expensive to rebuild:";
  kind.remap = index_state;
  kind.rules.id_fields = rules("id_field", {"name"});
  kind.rules.recreate = rules("immutable", {"endpoint_name", "index_type", "index_subtype", "primary_key",
                                            "delta_sync_index_spec", "direct_access_index_spec"});
  kind.rules.ignore_remote = rules("normalized_by_backend", {"direct_access_index_spec.schema_json"});
  kind.rules.backend_defaults = rules("backend_default", {"index_subtype"});
  kind.read = read_index;
  kind.create = create_index;
  kind.after_create = wait_until_ready;
  kind.remove = remove_at(std::string(k_indexes));
  kind.after_remove = wait_until_gone;
  kind.review = review_index;
  return kind;
}

} // namespace pier::deploy::kinds

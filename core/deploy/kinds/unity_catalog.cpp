#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"
#include "core/model/sensitive_fields.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_locations = "/api/2.1/unity-catalog/external-locations";
constexpr std::string_view k_secrets = "/api/2.1/unity-catalog/secrets";
constexpr std::string_view k_tables = "/api/2.1/unity-catalog/tables";

Json changeable_location(const Json& state) {
  return pick(state, {"comment", "credential_name", "enable_file_events", "encryption_details", "fallback",
                      "file_event_queue", "read_only", "skip_validation", "url"});
}

std::string monitor_path(const std::string& table) {
  return path_of(k_tables, table, "/monitor");
}

Json secret_state(const Json& remote) {
  auto state = pick(remote, {"catalog_name", "comment", "expire_time", "name", "schema_name"});
  const std::pair<const char*, const char*> effective[] = {{"value", "effective_value"}, {"owner", "effective_owner"}};
  for (const auto& [field, told] : effective) {
    if (const auto value = remote.get_string(told); !value.empty()) {
      state[field] = value;
    }
  }
  return state;
}

/// The workspace tells the value, so a change is seen without keeping it.
void review_secret(const std::string& path, FieldChange& change, const Json&) {
  if (path != "value") {
    return;
  }
  const bool same = same_value(change.remote, change.after);
  change.action = same ? Action::skip : Action::update;
  change.reason = same ? "custom" : change.reason;
}

} // namespace

Kind external_locations() {
  Kind kind;
  kind.name = "external_locations";
  kind.state_fields = {"comment",
                       "credential_name",
                       "effective_enable_file_events",
                       "effective_file_event_queue",
                       "enable_file_events",
                       "encryption_details",
                       "fallback",
                       "file_event_queue",
                       "name",
                       "read_only",
                       "skip_validation",
                       "url"};
  kind.remote_fields = {"browse_only",  "created_at", "created_by", "credential_id", "isolation_mode",
                        "metastore_id", "owner",      "updated_at", "updated_by"};
  kind.rules.recreate = rules("immutable", {"credential_name", "encryption_details", "file_event_queue"});
  kind.rules.renamed_fields = rules("id_changes", {"name"});
  kind.rules.ignore_remote = rules("spec:output_only", {"effective_enable_file_events", "effective_file_event_queue"});
  kind.rules.not_returned = {"skip_validation"};
  kind.read = read_at(std::string(k_locations));
  kind.create = create_at(std::string(k_locations), "name");
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY(operation.client.patch(path_of(k_locations, update.id), changeable_location(state)));
    return {};
  };
  kind.rename = [](Operation& operation, const std::string& id, Json& state) -> Result<std::string> {
    auto body = changeable_location(state);
    const auto name = state.get_string("name");
    if (!name.empty() && name != id) {
      body["new_name"] = name;
    }
    PIER_TRY(operation.client.patch(path_of(k_locations, id), std::move(body)));
    return name.empty() ? id : name;
  };
  kind.remove = remove_at(std::string(k_locations), "force");
  return kind;
}

Kind quality_monitors() {
  Kind kind;
  kind.name = "quality_monitors";
  kind.state_fields = {"assets_dir",     "baseline_table_name",
                       "custom_metrics", "data_classification_config",
                       "inference_log",  "latest_monitor_failure_msg",
                       "notifications",  "output_schema_name",
                       "schedule",       "skip_builtin_dashboard",
                       "slicing_exprs",  "snapshot",
                       "table_name",     "time_series",
                       "warehouse_id"};
  kind.remote_fields = {"dashboard_id", "drift_metrics_table_name", "monitor_version", "profile_metrics_table_name",
                        "status"};
  kind.rules.id_fields = rules("id_field", {"table_name"});
  kind.rules.recreate = rules("immutable", {"assets_dir"});
  kind.rules.not_returned = {"skip_builtin_dashboard", "warehouse_id"};
  kind.read = [](Operation& operation, const std::string& id) { return operation.client.get(monitor_path(id)); };
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    auto body = state;
    body.erase("table_name"); // part of the path
    PIER_TRY_ASSIGN(const auto answer,
                    operation.client.post(monitor_path(state.get_string("table_name")), std::move(body)));
    return answer.get_string("table_name");
  };
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY(operation.client.put(
        monitor_path(update.id),
        pick(state, {"baseline_table_name", "custom_metrics", "data_classification_config", "inference_log",
                     "notifications", "output_schema_name", "schedule", "slicing_exprs", "snapshot", "time_series"})));
    return {};
  };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.remove(monitor_path(id)));
    return {};
  };
  return kind;
}

Kind secrets() {
  Kind kind;
  kind.name = "secrets";
  kind.state_fields = {"catalog_name", "comment", "expire_time", "name", "schema_name", "value"};
  kind.remote_fields = {"create_time",  "created_by", "effective_owner", "effective_value", "full_name",
                        "metastore_id", "owner",      "update_time",     "updated_by"};
  const auto sensitive = model::sensitive_fields(kind.name);
  kind.sensitive_fields.assign(sensitive.begin(), sensitive.end());
  kind.remap = secret_state;
  kind.rules.unseen = {"expire_time"};
  kind.rules.recreate = rules("spec:immutable", {"catalog_name", "name", "schema_name"});
  kind.rules.ignore_remote = rules("spec:input_only", {"owner", "value"});
  append(kind.rules.ignore_remote,
         rules("spec:output_only", {"create_time", "created_by", "effective_owner", "effective_value", "full_name",
                                    "metastore_id", "update_time", "updated_by"}));
  kind.read = [](Operation& operation, const std::string& id) {
    http::Query query;
    query.add("include_value", "true");
    return operation.client.get(path_of(k_secrets, id), std::move(query));
  };
  kind.create = create_at(std::string(k_secrets), "full_name");
  kind.update = patch_whole(std::string(k_secrets));
  kind.remove = remove_at(std::string(k_secrets));
  kind.review = review_secret;
  return kind;
}

} // namespace pier::deploy::kinds

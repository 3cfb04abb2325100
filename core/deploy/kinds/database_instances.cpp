#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/database/instances";
constexpr auto k_wait = std::chrono::minutes(20);

Result<void> wait_until_available(Operation& operation, const std::string& id, const Json&) {
  std::string shown;
  PIER_TRY(workspace_client::poll_until(operation.client, k_wait, "database instance " + id,
                                        [&]() -> Result<std::optional<Json>> {
                                          PIER_TRY_ASSIGN(auto instance, operation.client.get(path_of(k_base, id)));
                                          const auto state = instance.get_string("state");
                                          if (state == "AVAILABLE") {
                                            return std::optional(std::move(instance));
                                          }
                                          if (state != shown && !operation.compatible) {
                                            shown = state;
                                            operation.report(state);
                                          }
                                          return std::optional<Json>();
                                        }));
  return {};
}

} // namespace

Kind database_instances() {
  Kind kind;
  kind.name = "database_instances";
  kind.state_fields = {"capacity", "custom_tags",    "enable_pg_native_login", "enable_readable_secondaries",
                       "name",     "node_count",     "parent_instance_ref",    "retention_window_in_days",
                       "stopped",  "usage_policy_id"};
  kind.remote_fields = {"child_instance_refs",
                        "creation_time",
                        "creator",
                        "effective_capacity",
                        "effective_custom_tags",
                        "effective_enable_pg_native_login",
                        "effective_enable_readable_secondaries",
                        "effective_node_count",
                        "effective_retention_window_in_days",
                        "effective_stopped",
                        "effective_usage_policy_id",
                        "pg_version",
                        "read_only_dns",
                        "read_write_dns",
                        "state",
                        "uid"};
  kind.remap = pick_known(kind);
  kind.data_loss =
      "This action will result in the deletion or recreation of the following Lakebase database instances.\n"
      "All data stored in them will be permanently lost:";
  kind.rules.id_fields = rules("id_field", {"name"});
  kind.rules.recreate = rules("spec:immutable", {"parent_instance_ref"});
  kind.rules.ignore_remote =
      rules("spec:input_only", {"custom_tags", "enable_pg_native_login", "enable_readable_secondaries", "node_count",
                                "parent_instance_ref.lsn", "retention_window_in_days", "stopped", "usage_policy_id"});
  for (const auto& field : kind.remote_fields) {
    kind.rules.ignore_remote.push_back(FieldRule{.field = field, .reason = "spec:output_only"});
  }
  kind.rules.ignore_remote =
      joined(kind.rules.ignore_remote,
             rules("spec:output_only", {"parent_instance_ref.effective_lsn", "parent_instance_ref.uid"}));
  kind.read = read_known_at(std::string(k_base), kind);
  kind.create = create_at(std::string(k_base), "name");
  kind.after_create = wait_until_available;
  kind.is_settled = [](const Json& remote) {
    const auto state = remote.get_string("state");
    return state != "STARTING" && state != "UPDATING";
  };
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    http::Query query;
    query.add("update_mask", "*");
    auto body = state;
    body["uid"] = update.id;
    PIER_TRY(operation.client.patch(path_of(k_base, state.get_string("name")), std::move(body), std::move(query)));
    return {};
  };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    http::Query query;
    query.add("purge", "true");
    PIER_TRY(operation.client.remove(path_of(k_base, id), std::move(query)));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

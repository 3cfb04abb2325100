#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/database/synced_tables";

constexpr auto k_wait = std::chrono::minutes(10);
constexpr std::string_view k_state_prefix = "SYNCED_TABLE_";

std::string state_of(const Json& table) {
  return text_at(table, "data_synchronization_status", "detailed_state");
}

bool is_working(const std::string& state) {
  return state.find("PROVISIONING") != std::string::npos;
}

bool has_failed(const std::string& state) {
  return state.find("FAILED") != std::string::npos;
}

/// The workspace answers before the first copy is there. On this machine that is a matter of seconds and the
/// app that starts next needs it, so it is waited for; remotely its state is told.
Result<void> wait_for_first_copy(Operation& operation, const std::string& id, const Json&) {
  if (operation.compatible) {
    return {};
  }
  std::string shown;
  PIER_TRY(workspace_client::poll_until(
      operation.client, k_wait, "the first copy of " + id, [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(auto table, operation.client.get(path_of(k_base, id)));
        const auto state = state_of(table);
        if (state != shown) {
          shown = state;
          operation.report(state.starts_with(k_state_prefix) ? state.substr(k_state_prefix.size()) : state);
        }
        if (has_failed(state)) {
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER2052",
                       .message =
                           "synced table " + id + " fails: " + text_at(table, "data_synchronization_status", "message"),
                       .hint = "check its source table and key columns"};
        }
        if (is_working(state) && operation.client.is_loopback()) {
          return std::optional<Json>();
        }
        return std::optional(std::move(table));
      }));
  return {};
}

} // namespace

Kind synced_database_tables() {
  Kind kind;
  kind.name = "synced_database_tables";
  kind.create_tells_remote = false;
  kind.state_fields = {"database_instance_name", "logical_database_name", "name", "spec"};
  kind.remote_fields = {"data_synchronization_status", "effective_database_instance_name",
                        "effective_logical_database_name", "unity_catalog_provisioning_state"};
  kind.remap = pick_known(kind);
  kind.data_loss = "This action will result in the deletion or recreation of the following synced database tables.\n"
                   "The PostgreSQL copy of their data will be lost:";
  kind.rules.id_fields = rules("id_field", {"name"});
  kind.rules.recreate = rules("immutable", {""});
  kind.rules.ignore_remote =
      joined(rules("spec:input_only",
                   {"database_instance_name", "logical_database_name", "spec.accelerated_sync",
                    "spec.create_database_objects_if_missing", "spec.existing_pipeline_id", "spec.new_pipeline_spec"}),
             rules("spec:output_only", {"data_synchronization_status", "effective_database_instance_name",
                                        "effective_logical_database_name", "unity_catalog_provisioning_state"}));
  kind.read = read_at(std::string(k_base));
  kind.create = create_at(std::string(k_base), "name");
  kind.after_create = wait_for_first_copy;
  kind.is_settled = [](const Json& remote) { return !is_working(state_of(remote)) && !has_failed(state_of(remote)); };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.remove(path_of(k_base, id)));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

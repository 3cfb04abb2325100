#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/database/synced_tables";

} // namespace

Kind synced_database_tables() {
  Kind kind;
  kind.name = "synced_database_tables";
  kind.state_fields = {"database_instance_name", "logical_database_name", "name", "spec"};
  kind.remote_fields = {"data_synchronization_status", "effective_database_instance_name",
                        "effective_logical_database_name", "unity_catalog_provisioning_state"};
  kind.remap = [state = kind.state_fields, output = kind.remote_fields](const Json& remote) {
    auto picked = pick(remote, state);
    const auto told = pick(remote, output);
    for (const auto& [name, value] : told.as_object()) {
      picked[name] = value;
    }
    return picked;
  };
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
  kind.remove = [](Operation& operation, const std::string& id) -> Result<void> {
    PIER_TRY(operation.client.remove(path_of(k_base, id)));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

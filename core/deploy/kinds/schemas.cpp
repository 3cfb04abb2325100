#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.1/unity-catalog/schemas";

} // namespace

Kind schemas() {
  Kind kind;
  kind.name = "schemas";
  kind.state_fields = {"catalog_name", "comment", "custom_max_retention_hours", "name", "properties", "storage_root"};
  kind.remote_fields = {"browse_only",
                        "catalog_type",
                        "created_at",
                        "created_by",
                        "effective_predictive_optimization_flag",
                        "enable_predictive_optimization",
                        "full_name",
                        "metastore_id",
                        "owner",
                        "storage_location",
                        "schema_id",
                        "updated_at",
                        "updated_by"};
  kind.data_loss = "This action will result in the deletion or recreation of the following UC schemas. Any underlying "
                   "data may be lost:";
  kind.rules.id_fields = rules("id_field", {"name", "catalog_name"});
  kind.rules.recreate = rules("immutable", {"storage_root"});
  kind.rules.trim_slash = rules("uc_strips_trailing_slash", {"storage_root"});
  kind.rules.backend_defaults = rules("backend_default", {"properties['unity.catalog.managed.*.defaults.*']"});
  kind.read = read_known_at(std::string(k_base), kind);
  kind.create = create_at(std::string(k_base), "full_name");
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY(operation.client.patch(path_of(k_base, update.id),
                                    pick(state, {"comment", "custom_max_retention_hours", "properties"})));
    return {};
  };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    http::Query query;
    query.add("force", "true");
    PIER_TRY(operation.client.remove(path_of(k_base, id), std::move(query)));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

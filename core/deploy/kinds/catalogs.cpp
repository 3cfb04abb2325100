#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.1/unity-catalog/catalogs";

Json changeable(const Json& state) {
  return pick(state, {"comment", "custom_max_retention_hours", "managed_encryption_settings", "options", "properties"});
}

} // namespace

Kind catalogs() {
  Kind kind;
  kind.name = "catalogs";
  kind.state_fields = {"comment",
                       "connection_name",
                       "custom_max_retention_hours",
                       "managed_encryption_settings",
                       "name",
                       "options",
                       "properties",
                       "provider_name",
                       "share_name",
                       "storage_root"};
  kind.remote_fields = {"browse_only",
                        "catalog_type",
                        "created_at",
                        "created_by",
                        "effective_predictive_optimization_flag",
                        "enable_predictive_optimization",
                        "full_name",
                        "isolation_mode",
                        "metastore_id",
                        "owner",
                        "provisioning_info",
                        "securable_type",
                        "storage_location",
                        "updated_at",
                        "updated_by"};
  kind.rules.recreate = rules("immutable", {"storage_root", "connection_name", "provider_name", "share_name"});
  kind.rules.renamed_fields = rules("id_changes", {"name"});
  kind.rules.backend_defaults = rules("backend_default", {"properties['unity.catalog.managed.*.defaults.*']"});
  kind.read = read_known_at(std::string(k_base), kind);
  kind.create = create_at(std::string(k_base), "name");
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY(operation.client.patch(path_of(k_base, update.id), changeable(state)));
    return {};
  };
  kind.rename = [](Operation& operation, const std::string& id, Json& state) -> Result<std::string> {
    auto body = changeable(state);
    const auto name = state.get_string("name");
    if (!name.empty() && name != id) {
      body["new_name"] = name;
    }
    PIER_TRY(operation.client.patch(path_of(k_base, id), std::move(body)));
    return name.empty() ? id : name;
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

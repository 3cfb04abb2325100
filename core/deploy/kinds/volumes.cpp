#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.1/unity-catalog/volumes";

} // namespace

Kind volumes() {
  Kind kind;
  kind.name = "volumes";
  kind.state_fields = {"catalog_name", "comment", "name", "schema_name", "storage_location", "volume_type"};
  kind.remote_fields = {"access_point", "browse_only", "created_at", "created_by", "encryption_details", "full_name",
                        "metastore_id", "owner",       "updated_at", "updated_by", "volume_id"};
  kind.data_loss = "This action will result in the deletion or recreation of the following volumes.\n"
                   "For managed volumes, the files stored in the volume are also deleted from your\n"
                   "cloud tenant within 30 days. For external volumes, the metadata about the volume\n"
                   "is removed from the catalog, but the underlying files are not deleted:";
  kind.rules.id_fields = rules("id_field", {"catalog_name", "schema_name"});
  kind.rules.recreate = rules("immutable", {"storage_location", "volume_type"});
  kind.rules.renamed_fields = rules("id_changes", {"name"});
  kind.rules.trim_slash = rules("uc_strips_trailing_slash", {"storage_location"});
  kind.rules.backend_defaults = rules("backend_default", {"storage_location"});
  kind.read = read_known_at(std::string(k_base), kind);
  kind.create = create_and_know_at(std::string(k_base), "full_name");
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY(operation.client.patch(path_of(k_base, update.id), pick(state, {"comment"})));
    return {};
  };
  kind.rename = [](Operation& operation, const std::string& id, Json& state) -> Result<std::string> {
    auto body = pick(state, {"comment"});
    const auto name = state.get_string("name");
    if (!name.empty() && name != id.substr(id.rfind('.') + 1)) {
      body["new_name"] = name;
    }
    PIER_TRY_ASSIGN(const auto answer, operation.client.patch(path_of(k_base, id), std::move(body)));
    return answer.get_string("full_name", id);
  };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.remove(path_of(k_base, id)));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

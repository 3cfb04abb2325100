#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/database/catalogs";

} // namespace

Kind database_catalogs() {
  Kind kind;
  kind.name = "database_catalogs";
  kind.create_tells_remote = false;
  kind.state_fields = {"create_database_if_not_exists", "database_instance_name", "database_name", "name"};
  kind.remote_fields = {"uid"};
  kind.remap = [](const Json& remote) {
    return pick(remote, {"create_database_if_not_exists", "database_instance_name", "database_name", "name", "uid"});
  };
  kind.rules.id_fields = rules("id_field", {"name"});
  kind.rules.recreate = rules("immutable", {""});
  kind.rules.ignore_remote =
      joined(rules("spec:input_only", {"create_database_if_not_exists"}), rules("spec:output_only", {"uid"}));
  kind.read = read_at(std::string(k_base));
  kind.create = create_at(std::string(k_base), "name");
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.remove(path_of(k_base, id)));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

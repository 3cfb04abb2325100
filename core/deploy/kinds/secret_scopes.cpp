#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <map>

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/secrets/";

std::string api(std::string_view call) {
  return std::string(k_base) + std::string(call);
}

/// The member `items` of an answer, empty when it is missing.
std::vector<Json> items_of(const Json& answer, std::string_view items) {
  const auto* found = answer.find(items);
  return found != nullptr && found->is_array() ? found->as_array() : std::vector<Json>();
}

/// There is no call for one scope: all are listed.
Result<Json> read_scope(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(const auto answer, operation.client.get(api("scopes/list")));
  for (auto& scope : items_of(answer, "scopes")) {
    if (scope.get_string("name") == id) {
      return scope;
    }
  }
  return Error{.kind = ErrorKind::not_found,
               .code = "RESOURCE_DOES_NOT_EXIST",
               .message = "secret scope \"" + id + "\" not found"};
}

Result<Json> read_acls(Operation& operation, const std::string& id) {
  http::Query query;
  query.add("scope", id);
  PIER_TRY_ASSIGN(const auto answer, operation.client.get(api("acls/list"), std::move(query)));
  auto remote = Json::object({{"scope_name", id}});
  if (auto items = items_of(answer, "items"); !items.empty()) {
    remote["acls"] = Json(std::move(items));
  }
  return remote;
}

std::map<std::string, std::string> by_principal(const Json& state) {
  std::map<std::string, std::string> acls;
  for (const auto& item : items_of(state, "acls")) {
    acls.insert_or_assign(item.get_string("principal"), item.get_string("permission"));
  }
  return acls;
}

/// One call after the other: the service mixes up parallel ones.
Result<std::string> set_acls(Operation& operation, const Json& state) {
  const auto scope = state.get_string("scope_name");
  PIER_TRY_ASSIGN(const auto remote, read_acls(operation, scope));
  const auto current = by_principal(remote);
  const auto desired = by_principal(state);
  for (const auto& [principal, permission] : desired) {
    const auto it = current.find(principal);
    if (it == current.end() || it->second != permission) {
      PIER_TRY(operation.client.post(
          api("acls/put"), Json::object({{"scope", scope}, {"principal", principal}, {"permission", permission}})));
    }
  }
  for (const auto& [principal, permission] : current) {
    if (desired.contains(principal)) {
      continue;
    }
    auto gone = operation.client.post(api("acls/delete"), Json::object({{"scope", scope}, {"principal", principal}}));
    if (!gone && gone.error().kind != ErrorKind::not_found) {
      return std::move(gone).error();
    }
  }
  return scope;
}

} // namespace

Kind secret_scopes() {
  Kind kind;
  kind.name = "secret_scopes";
  kind.create_tells_remote = false;
  kind.state_fields = {"scope", "scope_backend_type", "backend_azure_keyvault"};
  kind.remote_fields = {"name", "backend_type", "keyvault_metadata"};
  const auto rename = [](const Json& from) {
    auto state = Json::object();
    const std::pair<const char*, const char*> names[] = {
        {"name", "scope"}, {"backend_type", "scope_backend_type"}, {"keyvault_metadata", "backend_azure_keyvault"}};
    for (const auto& [theirs, ours] : names) {
      if (const auto* value = from.find(theirs); value != nullptr && !value->is_null()) {
        state[ours] = *value;
      }
    }
    return state;
  };
  kind.remap = rename;
  kind.rules.id_fields = rules("id_field", {"scope"});
  kind.rules.recreate =
      rules("immutable", {"scope_backend_type", "backend_azure_keyvault", "initial_manage_principal"});
  kind.rules.backend_defaults = {FieldRule{.field = "scope_backend_type", .values = {Json("DATABRICKS")}}};
  kind.read = read_scope;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY(operation.client.post(api("scopes/create"), state));
    return state.get_string("scope");
  };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.post(api("scopes/delete"), Json::object({{"scope", id}})));
    return {};
  };
  return kind;
}

Kind secret_scope_permissions() {
  Kind kind;
  kind.name = "secret_scopes.permissions";
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.state_fields = {"scope_name", "acls"};
  kind.keyed = {{"acls", {"principal"}}};
  kind.reference_fields = {"scope_name"};
  kind.leading_members = {"scope_name"};
  kind.rules.renamed_fields = rules("id_changes", {"scope_name"});
  kind.read = read_acls;
  kind.create = [](Operation& operation, Json& state) { return set_acls(operation, state); };
  kind.rename = [](Operation& operation, const std::string&, Json& state) { return set_acls(operation, state); };
  kind.update = [](Operation& operation, const Update&, Json& state) -> Result<void> {
    PIER_TRY(set_acls(operation, state));
    return {};
  };
  // Like permissions and grants: what is no longer managed stays as it is.
  kind.remove = [](Operation&, const std::string&, const Json&) -> Result<void> { return {}; };
  return kind;
}

} // namespace pier::deploy::kinds

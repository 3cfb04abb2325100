#include "core/base/text.hpp"
#include "core/catalog/privileges.hpp"
#include "core/server/routes/catalog_support.hpp"

#include <algorithm>

namespace pier::server {
namespace {

using catalog::Securable;
using catalog::SecurableType;

Result<Securable> securable_of(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto type, catalog::parse_securable_type(replace_all(call.at("type"), "-", "_")));
  Securable out{.type = type, .full_name = to_lower(call.at("name"))};
  if (type == SecurableType::metastore) {
    PIER_TRY_ASSIGN(const auto id, workspace.catalog->metastore_id());
    if (out.full_name != id) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "METASTORE_DOES_NOT_EXIST",
                   .message = "Metastore '" + out.full_name + "' does not exist."};
    }
  }
  return out;
}

/// Managers see all grants, others those that concern them; `principal` narrows the answer.
template <class Grants>
Result<Grants> of_interest(Workspace& workspace, const ApiCall& call, const Securable& securable, Grants grants) {
  PIER_TRY_ASSIGN(const bool manager, workspace.catalog->may_manage(call.caller, securable));
  const auto principal = call.request.query.get("principal").value_or("");
  const auto unwanted = [&](const auto& grant) {
    return (!manager && !call.caller.is(grant.principal)) ||
           (!principal.empty() && !equals_ignore_case(principal, grant.principal));
  };
  grants.erase(std::remove_if(grants.begin(), grants.end(), unwanted), grants.end());
  return grants;
}

/// Cut into pages; the assignments are few, one page usually holds all.
Result<Json> paged(const ApiCall& call, Json answer) {
  return page_of(call, "privilege_assignments", std::move(answer["privilege_assignments"].as_array()));
}

Result<Json> get_grants(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto securable, securable_of(workspace, call));
  PIER_TRY_ASSIGN(auto all, workspace.catalog->grants(securable));
  PIER_TRY_ASSIGN(const auto grants, of_interest(workspace, call, securable, std::move(all)));
  return paged(call, catalog::grants_json(grants));
}

Result<Json> get_effective(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto securable, securable_of(workspace, call));
  PIER_TRY_ASSIGN(auto all, workspace.catalog->effective_grants(securable));
  PIER_TRY_ASSIGN(const auto grants, of_interest(workspace, call, securable, std::move(all)));
  return paged(call, catalog::effective_grants_json(grants));
}

Result<std::vector<catalog::GrantChange>> changes_of(const Json& body) {
  std::vector<catalog::GrantChange> out;
  const auto* changes = body.find("changes");
  if (changes == nullptr) {
    return out;
  }
  if (!changes->is_array()) {
    return Error{
        .kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = "'changes' must be a list"};
  }
  for (const auto& change : changes->as_array()) {
    out.push_back(catalog::GrantChange{.principal = change.get_string("principal"),
                                       .add = change.get_strings("add"),
                                       .remove = change.get_strings("remove")});
  }
  return out;
}

Result<Json> change_grants(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto securable, securable_of(workspace, call));
  PIER_TRY_ASSIGN(const auto changes, changes_of(call.body));
  PIER_TRY_ASSIGN(const auto grants, workspace.catalog->change_grants(call.caller, securable, changes));
  return catalog::grants_json(grants);
}

} // namespace

void register_grant_routes(ApiRouter& router, Workspace& workspace) {
  const auto base = std::string(k_unity);
  router.json("GET", base + "/permissions/{type}/{name}", [&](ApiCall& call) { return get_grants(workspace, call); });
  router.json(
      "PATCH", base + "/permissions/{type}/{name}", [&](ApiCall& call) { return change_grants(workspace, call); },
      http::Cost::slow);
  router.json("GET", base + "/effective-permissions/{type}/{name}",
              [&](ApiCall& call) { return get_effective(workspace, call); });
}

} // namespace pier::server

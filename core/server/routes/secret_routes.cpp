#include "core/base/encoding.hpp"
#include "core/server/routes.hpp"

namespace pier::server {
namespace {

using identity::SecretScopes;

constexpr auto k_slow = http::Cost::slow;

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Result<std::string> query_member(const ApiCall& call, std::string_view name) {
  auto value = call.request.query.get(name).value_or("");
  if (value.empty()) {
    return invalid("Missing required field: " + std::string(name));
  }
  return value;
}

Result<Json> create_scope(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto scope, call.required("scope"));
  if (const auto backend = call.body.get_string("scope_backend_type", "DATABRICKS"); backend != "DATABRICKS") {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "NOT_IMPLEMENTED",
                 .message =
                     "Scopes of backend " + backend + " are not offered by the local workspace: use DATABRICKS."};
  }
  PIER_TRY(secrets.create_scope(call.caller, scope, call.body.get_string("initial_manage_principal")));
  return Json::object();
}

Result<Json> list_scopes(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto names, secrets.scopes(call.caller));
  auto list = Json::array();
  for (const auto& name : names) {
    list.push_back(Json::object({{"name", name}, {"backend_type", "DATABRICKS"}}));
  }
  return Json::object({{"scopes", std::move(list)}});
}

Result<Json> put(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto scope, call.required("scope"));
  PIER_TRY_ASSIGN(const auto key, call.required("key"));
  const auto* text = call.body.find("string_value");
  const auto* bytes = call.body.find("bytes_value");
  if ((text != nullptr) == (bytes != nullptr)) {
    return invalid("give exactly one of string_value and bytes_value");
  }
  if (!(text != nullptr ? text : bytes)->is_string()) {
    return invalid("the value must be a text");
  }
  auto value = text != nullptr ? text->as_string() : std::string();
  if (bytes != nullptr) {
    PIER_TRY_ASSIGN(value, base64_decode(bytes->as_string()));
  }
  PIER_TRY(secrets.put(call.caller, scope, key, Secret(std::move(value))));
  return Json::object();
}

Result<Json> get(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto scope, query_member(call, "scope"));
  PIER_TRY_ASSIGN(const auto key, query_member(call, "key"));
  PIER_TRY_ASSIGN(const auto value, secrets.get(call.caller, scope, key));
  return Json::object({{"key", key}, {"value", base64_encode(value.reveal())}});
}

Result<Json> list(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto scope, query_member(call, "scope"));
  PIER_TRY_ASSIGN(const auto items, secrets.list(call.caller, scope));
  auto out = Json::array();
  for (const auto& item : items) {
    out.push_back(Json::object({{"key", item.key}, {"last_updated_timestamp", item.updated_at}}));
  }
  return Json::object({{"secrets", std::move(out)}});
}

Json acl_json(const identity::ScopeAcl& acl) {
  return Json::object({{"principal", acl.principal}, {"permission", acl.permission}});
}

Result<Json> list_acls(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto scope, query_member(call, "scope"));
  PIER_TRY_ASSIGN(const auto acls, secrets.acls(call.caller, scope));
  auto out = Json::array();
  for (const auto& acl : acls) {
    out.push_back(acl_json(acl));
  }
  return Json::object({{"items", std::move(out)}});
}

Result<Json> get_acl(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto scope, query_member(call, "scope"));
  PIER_TRY_ASSIGN(const auto principal, query_member(call, "principal"));
  PIER_TRY_ASSIGN(const auto acl, secrets.acl(call.caller, scope, principal));
  return acl_json(acl);
}

Result<Json> put_acl(SecretScopes& secrets, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto scope, call.required("scope"));
  PIER_TRY_ASSIGN(const auto principal, call.required("principal"));
  PIER_TRY_ASSIGN(const auto permission, call.required("permission"));
  PIER_TRY(secrets.put_acl(call.caller, scope, {.principal = principal, .permission = permission}));
  return Json::object();
}

void register_acls(ApiRouter& router, SecretScopes& secrets) {
  router.json("POST", "/api/2.0/secrets/acls/put", [&](ApiCall& call) { return put_acl(secrets, call); }, k_slow);
  router.json("GET", "/api/2.0/secrets/acls/get", [&](ApiCall& call) { return get_acl(secrets, call); });
  router.json("GET", "/api/2.0/secrets/acls/list", [&](ApiCall& call) { return list_acls(secrets, call); });
  router.json(
      "POST", "/api/2.0/secrets/acls/delete",
      [&](ApiCall& call) -> Result<Json> {
        PIER_TRY_ASSIGN(const auto scope, call.required("scope"));
        PIER_TRY_ASSIGN(const auto principal, call.required("principal"));
        PIER_TRY(secrets.remove_acl(call.caller, scope, principal));
        return Json::object();
      },
      k_slow);
}

} // namespace

void register_secret_routes(ApiRouter& router, Workspace& workspace) {
  auto& secrets = *workspace.secrets;
  router.json(
      "POST", "/api/2.0/secrets/scopes/create", [&](ApiCall& call) { return create_scope(secrets, call); }, k_slow);
  router.json("GET", "/api/2.0/secrets/scopes/list", [&](ApiCall& call) { return list_scopes(secrets, call); });
  router.json(
      "POST", "/api/2.0/secrets/scopes/delete",
      [&](ApiCall& call) -> Result<Json> {
        PIER_TRY_ASSIGN(const auto scope, call.required("scope"));
        PIER_TRY(secrets.remove_scope(call.caller, scope));
        return Json::object();
      },
      k_slow);
  router.json("POST", "/api/2.0/secrets/put", [&](ApiCall& call) { return put(secrets, call); }, k_slow);
  router.json("GET", "/api/2.0/secrets/get", [&](ApiCall& call) { return get(secrets, call); });
  router.json("GET", "/api/2.0/secrets/list", [&](ApiCall& call) { return list(secrets, call); });
  router.json(
      "POST", "/api/2.0/secrets/delete",
      [&](ApiCall& call) -> Result<Json> {
        PIER_TRY_ASSIGN(const auto scope, call.required("scope"));
        PIER_TRY_ASSIGN(const auto key, call.required("key"));
        PIER_TRY(secrets.remove(call.caller, scope, key));
        return Json::object();
      },
      k_slow);
  register_acls(router, secrets);
}

} // namespace pier::server

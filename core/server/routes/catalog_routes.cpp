#include "core/base/text.hpp"
#include "core/server/routes/catalog_support.hpp"

namespace pier::server {
namespace {

using catalog::Securable;
using catalog::SecurableType;

Error not_offered(std::string message) {
  return Error{.kind = ErrorKind::unsupported, .code = "NOT_IMPLEMENTED", .message = std::move(message)};
}

/// The securable that {name} of the path means.
Securable named(SecurableType type, const ApiCall& call) {
  return Securable{.type = type, .full_name = to_lower(call.at("name"))};
}

Result<Json> shown(Workspace& workspace, const catalog::SecurableInfo& info) {
  PIER_TRY_ASSIGN(const auto metastore, workspace.catalog->metastore_id());
  return catalog::to_json(info, metastore);
}

Result<Json> get(Workspace& workspace, const ApiCall& call, SecurableType type) {
  const auto securable = named(type, call);
  PIER_TRY(require_visible(workspace, call.caller, securable));
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->get(securable));
  return shown(workspace, info);
}

Result<Json> update(Workspace& workspace, const ApiCall& call, SecurableType type) {
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->update(call.caller, named(type, call), update_of(call.body)));
  return shown(workspace, info);
}

Result<Json> drop(Workspace& workspace, const ApiCall& call, SecurableType type) {
  PIER_TRY(workspace.catalog->drop(call.caller, named(type, call), call.request.query.flag("force")));
  return Json::object();
}

Result<Json> create_catalog(Workspace& workspace, const ApiCall& call) {
  for (const auto* foreign : {"connection_name", "provider_name", "share_name"}) {
    if (call.body.contains(foreign)) {
      return not_offered("Catalogs with " + std::string(foreign) + " are not offered by the local workspace.");
    }
  }
  PIER_TRY(call.required("name"));
  auto wanted = new_securable(SecurableType::catalog, {}, call.body);
  wanted.details = kept_members(call.body, {"options", "storage_root"});
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->create(call.caller, std::move(wanted)));
  return shown(workspace, info);
}

Result<Json> create_schema(Workspace& workspace, const ApiCall& call) {
  PIER_TRY(call.required("name"));
  PIER_TRY_ASSIGN(const auto parent, call.required("catalog_name"));
  auto wanted = new_securable(SecurableType::schema, parent, call.body);
  wanted.details = kept_members(call.body, {"storage_root"});
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->create(call.caller, std::move(wanted)));
  return shown(workspace, info);
}

Result<Json> create_location(Workspace& workspace, const ApiCall& call) {
  PIER_TRY(call.required("name"));
  PIER_TRY_ASSIGN(const auto url, call.required("url"));
  auto wanted = new_securable(SecurableType::external_location, {}, call.body);
  wanted.storage_location = catalog::folder_of_url(url);
  if (wanted.storage_location.empty()) {
    return not_offered("External locations of the local workspace are folders: " + url + " is not file:///….");
  }
  wanted.details = kept_members(call.body, {"credential_name", "read_only"});
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->create(call.caller, std::move(wanted)));
  return shown(workspace, info);
}

Result<Json> list_schemas(Workspace& workspace, const ApiCall& call) {
  const auto parent = to_lower(call.request.query.get("catalog_name").value_or(""));
  if (parent.empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "Missing required field: catalog_name"};
  }
  return list_children(workspace, call, SecurableType::schema, parent, "schemas");
}

Result<Json> metastore_assignment(Workspace& workspace) {
  PIER_TRY_ASSIGN(const auto id, workspace.catalog->metastore_id());
  return Json::object({{"metastore_id", id}, {"workspace_id", workspace.id}, {"default_catalog_name", "main"}});
}

Result<Json> metastore_summary(Workspace& workspace) {
  PIER_TRY_ASSIGN(const auto id, workspace.catalog->metastore_id());
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->get(Securable{.type = SecurableType::metastore}));
  return Json::object({{"metastore_id", id},
                       {"name", info.name},
                       {"owner", info.owner},
                       {"cloud", "local"},
                       {"region", "local"},
                       {"privilege_model_version", "1.0"},
                       {"created_at", info.created_at}});
}

void register_kind(ApiRouter& router, Workspace& workspace, const std::string& list, SecurableType type) {
  const auto item = list + "/{name}";
  router.json("GET", item, [&workspace, type](ApiCall& call) { return get(workspace, call, type); });
  router.json(
      "PATCH", item, [&workspace, type](ApiCall& call) { return update(workspace, call, type); }, http::Cost::slow);
  router.json(
      "DELETE", item, [&workspace, type](ApiCall& call) { return drop(workspace, call, type); }, http::Cost::slow);
}

} // namespace

void register_catalog_routes(ApiRouter& router, Workspace& workspace) {
  constexpr auto k_slow = http::Cost::slow;
  const std::string base(k_unity);
  register_kind(router, workspace, base + "/catalogs", SecurableType::catalog);
  register_kind(router, workspace, base + "/schemas", SecurableType::schema);
  register_kind(router, workspace, base + "/external-locations", SecurableType::external_location);
  router.json("GET", base + "/catalogs",
              [&](ApiCall& call) { return list_children(workspace, call, SecurableType::catalog, {}, "catalogs"); });
  router.json("POST", base + "/catalogs", [&](ApiCall& call) { return create_catalog(workspace, call); }, k_slow);
  router.json("GET", base + "/schemas", [&](ApiCall& call) { return list_schemas(workspace, call); });
  router.json("POST", base + "/schemas", [&](ApiCall& call) { return create_schema(workspace, call); }, k_slow);
  router.json("GET", base + "/external-locations", [&](ApiCall& call) {
    return list_children(workspace, call, SecurableType::external_location, {}, "external_locations");
  });
  router.json(
      "POST", base + "/external-locations", [&](ApiCall& call) { return create_location(workspace, call); }, k_slow);
  router.json("GET", base + "/current-metastore-assignment", [&](ApiCall&) { return metastore_assignment(workspace); });
  router.json("GET", base + "/metastore_summary", [&](ApiCall&) { return metastore_summary(workspace); });
  for (const auto& [path, member] :
       {std::pair{"/connections", "connections"}, std::pair{"/models", "registered_models"},
        std::pair{"/storage-credentials", "storage_credentials"}}) {
    router.json("GET", base + path,
                [key = std::string(member)](ApiCall&) -> Result<Json> { return Json::object({{key, Json::array()}}); });
  }
  router.not_offered(base, "This part of Unity Catalog is not offered by the local workspace.");
}

} // namespace pier::server

#include "core/lake/warehouses.hpp"
#include "core/server/routes.hpp"

// SQL warehouses (facts: workspace-api 3.7).
namespace pier::server {
namespace {

using lake::Warehouse;

/// What was sent, and what the service computes; nothing else, so that a plan sees no drift.
Json to_json(const Warehouse& warehouse, const Workspace& workspace) {
  Json out = warehouse.spec;
  const bool running = warehouse.state == "RUNNING";
  const auto path = "/sql/1.0/warehouses/" + warehouse.id;
  const auto colon = workspace.url.rfind(':');
  std::int64_t port = 0;
  std::string host = workspace.url;
  if (const auto scheme = host.find("://"); scheme != std::string::npos && colon > scheme) {
    host = workspace.url.substr(scheme + 3, colon - scheme - 3);
    port = std::atoll(workspace.url.c_str() + colon + 1);
  }
  out["id"] = warehouse.id;
  out["state"] = warehouse.state;
  out["creator_name"] = warehouse.creator;
  out["num_clusters"] = running ? 1 : 0;
  out["num_active_sessions"] = 0;
  out["health"] = Json::object({{"status", "HEALTHY"}});
  out["jdbc_url"] =
      "jdbc:spark://" + host + ":" + std::to_string(port) + "/default;transportMode=http;httpPath=" + path;
  out["odbc_params"] = Json::object({{"hostname", host}, {"path", path}, {"port", port}, {"protocol", "http"}});
  if (!out.contains("warehouse_type")) {
    out["warehouse_type"] = "PRO";
  }
  return out;
}

Result<Json> list(const ApiCall& call, Workspace& workspace) {
  PIER_TRY_ASSIGN(const auto all, workspace.warehouses->list());
  const bool only_usable = call.request.query.flag("skip_cannot_use");
  auto items = Json::array();
  for (const auto& warehouse : all) {
    PIER_TRY_ASSIGN(const bool allowed, workspace.permissions->allows(call.caller, lake::warehouse_object(warehouse.id),
                                                                      only_usable ? "CAN_USE" : "CAN_VIEW"));
    if (allowed) {
      items.push_back(to_json(warehouse, workspace));
    }
  }
  return Json::object({{"warehouses", std::move(items)}});
}

Result<Json> data_sources(const ApiCall& call, Workspace& workspace) {
  PIER_TRY_ASSIGN(const auto all, workspace.warehouses->list());
  auto items = Json::array();
  for (const auto& warehouse : all) {
    PIER_TRY_ASSIGN(const bool allowed,
                    workspace.permissions->allows(call.caller, lake::warehouse_object(warehouse.id), "CAN_USE"));
    if (allowed) {
      items.push_back(Json::object({{"id", warehouse.id}, {"name", warehouse.name()}, {"warehouse_id", warehouse.id}}));
    }
  }
  return items;
}

/// The warehouse, when the caller has this level on it.
Result<Warehouse> allowed(const ApiCall& call, Workspace& workspace, std::string_view level) {
  PIER_TRY_ASSIGN(auto warehouse, workspace.warehouses->get(call.at("id")));
  PIER_TRY(workspace.permissions->require(call.caller, lake::warehouse_object(warehouse.id), level));
  return warehouse;
}

} // namespace

void register_sql_warehouse_routes(ApiRouter& router, Workspace& workspace) {
  const std::string base = "/api/2.0/sql/warehouses";
  router.json("GET", base, [&](ApiCall& call) { return list(call, workspace); });
  router.json("GET", "/api/2.0/preview/sql/data_sources", [&](ApiCall& call) { return data_sources(call, workspace); });
  router.json("POST", base, [&](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto made, workspace.warehouses->create(call.caller, std::move(call.body)));
    return Json::object({{"id", made.id}});
  });
  router.json("GET", base + "/{id}", [&](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto warehouse, allowed(call, workspace, "CAN_VIEW"));
    return to_json(warehouse, workspace);
  });
  router.json("DELETE", base + "/{id}", [&](ApiCall& call) -> Result<Json> {
    PIER_TRY(allowed(call, workspace, "CAN_MANAGE"));
    PIER_TRY(workspace.warehouses->remove(call.at("id")));
    return Json::object();
  });
  router.json("POST", base + "/{id}/edit", [&](ApiCall& call) -> Result<Json> {
    PIER_TRY(allowed(call, workspace, "CAN_MANAGE"));
    PIER_TRY(workspace.warehouses->edit(call.at("id"), std::move(call.body)));
    return Json::object();
  });
  router.json("POST", base + "/{id}/start", [&](ApiCall& call) -> Result<Json> {
    PIER_TRY(allowed(call, workspace, "CAN_USE"));
    PIER_TRY(workspace.warehouses->set_state(call.at("id"), "RUNNING"));
    return Json::object();
  });
  router.json("POST", base + "/{id}/stop", [&](ApiCall& call) -> Result<Json> {
    PIER_TRY(allowed(call, workspace, "CAN_MANAGE"));
    PIER_TRY(workspace.warehouses->set_state(call.at("id"), "STOPPED"));
    return Json::object();
  });
}

} // namespace pier::server

#include "core/server/routes.hpp"
#include "core/sync/registry.hpp"
#include "core/sync/sync.hpp"

// Database catalogs, synced tables, their pipelines and the write-back (facts: workspace-api 3.4).
namespace pier::server {
namespace {

using catalog::SecurableType;
using http::Cost;
using sync::SyncedTable;

Json to_json(const sync::DatabaseCatalog& catalog) {
  Json out = catalog.spec;
  out["uid"] = catalog.uid;
  return out;
}

Json position(const SyncedTable& table) {
  const auto at = to_rfc3339(from_epoch_millis(table.version_at));
  return Json::object({{"delta_table_sync_info", Json::object({{"delta_commit_version", *table.version}})},
                       {"sync_end_timestamp", at}});
}

Json status_of(const SyncedTable& table) {
  Json status = Json::object({{"detailed_state", table.state}, {"message", table.message}, {"pipeline_id", table.id}});
  if (table.version) {
    status["last_sync"] = position(table);
    const auto* member = table.policy == sync::SchedulingPolicy::continuous ? "continuous_update_status"
                         : table.has_failed()                               ? "failed_status"
                                                                            : "triggered_update_status";
    status[member] = Json::object({{"last_processed_commit_version", *table.version},
                                   {"timestamp", to_rfc3339(from_epoch_millis(table.version_at))}});
    status["row_count"] = table.rows;
  }
  if (table.source_version) {
    status["source_commit_version"] = *table.source_version;
  }
  return status;
}

Json to_json(const SyncedTable& table) {
  Json out = table.spec;
  out["data_synchronization_status"] = status_of(table);
  out["unity_catalog_provisioning_state"] = "ACTIVE";
  out["effective_database_instance_name"] = table.instance;
  out["effective_logical_database_name"] = table.database;
  return out;
}

Json update_of(const SyncedTable& table) {
  const auto* state = table.updating ? "RUNNING" : table.has_failed() ? "FAILED" : "COMPLETED";
  return Json::object({{"pipeline_id", table.id}, {"update_id", table.id}, {"state", state}});
}

class SyncedTableRoutes {
 public:
  explicit SyncedTableRoutes(Workspace& workspace)
      : workspace_(workspace) {}

  Result<Json> create_catalog(ApiCall& call) const {
    PIER_TRY(require_instance(call.caller, call.body.get_string("database_instance_name"), "CAN_MANAGE"));
    PIER_TRY_ASSIGN(const auto made, service().create_catalog(call.caller, call.body));
    return to_json(made);
  }

  Result<Json> get_catalog(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto found, service().catalog(call.at("name")));
    return to_json(found);
  }

  Result<Json> list_catalogs(ApiCall& call) const {
    PIER_TRY(require_instance(call.caller, call.at("name"), "CAN_USE"));
    PIER_TRY_ASSIGN(const auto all, service().catalogs(call.at("name")));
    Json::Array items;
    for (const auto& catalog : all) {
      items.push_back(to_json(catalog));
    }
    return Json::object({{"database_catalogs", std::move(items)}});
  }

  Result<Json> delete_catalog(ApiCall& call) const {
    PIER_TRY(service().delete_catalog(call.caller, call.at("name")));
    return Json::object();
  }

  Result<Json> create_table(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto name, call.required("name"));
    PIER_TRY_ASSIGN(const auto table_name, model::TableName::parse(name));
    auto instance = call.body.get_string("database_instance_name");
    if (const auto registered = service().catalog(table_name.catalog)) {
      instance = registered->instance;
    }
    if (!instance.empty()) {
      PIER_TRY(require_instance(call.caller, instance, "CAN_USE"));
    }
    PIER_TRY_ASSIGN(const auto made, service().create_table(call.caller, call.body));
    return to_json(made);
  }

  Result<Json> get_table(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto name, model::TableName::parse(call.at("name")));
    PIER_TRY_ASSIGN(const auto found, service().table(name));
    PIER_TRY(require_visible(call.caller, found));
    return to_json(found);
  }

  Result<Json> list_tables(ApiCall& call) const {
    PIER_TRY(require_instance(call.caller, call.at("name"), "CAN_USE"));
    PIER_TRY_ASSIGN(const auto all, service().tables());
    Json::Array items;
    for (const auto& table : all) {
      if (table.instance == call.at("name") && require_visible(call.caller, table)) {
        items.push_back(to_json(table));
      }
    }
    return Json::object({{"synced_tables", std::move(items)}});
  }

  Result<Json> delete_table(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto name, model::TableName::parse(call.at("name")));
    PIER_TRY(service().delete_table(call.caller, name, call.request.query.flag("purge_data")));
    return Json::object();
  }

  Result<Json> start_update(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto table, service().table_by_id(call.at("id")));
    PIER_TRY(require_instance(call.caller, table.instance, "CAN_USE"));
    PIER_TRY(service().refresh(table.name, call.body.get_bool("full_refresh")));
    return Json::object({{"update_id", table.id}});
  }

  Result<Json> get_update(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto table, service().table_by_id(call.at("id")));
    PIER_TRY(require_visible(call.caller, table));
    return Json::object({{"update", update_of(table)}});
  }

  Result<Json> get_pipeline(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto table, service().table_by_id(call.at("id")));
    PIER_TRY(require_visible(call.caller, table));
    return Json::object({{"pipeline_id", table.id},
                         {"name", "Synced table " + table.name.to_string()},
                         {"creator_user_name", table.creator},
                         {"state", table.updating       ? "RUNNING"
                                   : table.has_failed() ? "FAILED"
                                                        : "IDLE"},
                         {"latest_updates", Json::array({update_of(table)})}});
  }

  Result<Json> write_back(ApiCall& call) const {
    PIER_TRY(require_instance(call.caller, call.at("name"), "CAN_USE"));
    Json::Array items;
    for (const auto& status : service().write_back(call.at("name"))) {
      items.push_back(Json::object({{"database", status.database},
                                    {"schema", status.schema},
                                    {"table", status.table},
                                    {"history_table", status.history_table},
                                    {"state", status.state},
                                    {"message", status.message},
                                    {"rows", status.rows},
                                    {"committed_lsn", sync::format_lsn(status.committed)},
                                    {"committed_at", to_rfc3339(from_epoch_millis(status.committed_at))},
                                    {"latency_ms", status.latency_millis}}));
    }
    return Json::object({{"tables", std::move(items)}});
  }

 private:
  [[nodiscard]] sync::SyncService& service() const { return *workspace_.sync; }

  [[nodiscard]] Result<void> require_instance(const identity::Caller& caller, std::string_view name,
                                              std::string_view level) const {
    PIER_TRY(workspace_.lakebase->instance(name));
    return workspace_.permissions->require(caller, {.type = "database-instances", .id = std::string(name)}, level);
  }

  /// Who may see it in the catalog, may see it here.
  [[nodiscard]] Result<void> require_visible(const identity::Caller& caller, const SyncedTable& table) const {
    PIER_TRY_ASSIGN(const bool visible, workspace_.catalog->is_visible(caller, {.type = SecurableType::table,
                                                                                .full_name = table.name.to_string()}));
    if (!visible) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "RESOURCE_DOES_NOT_EXIST",
                   .message = "Synced database table '" + table.name.to_string() + "' not found"};
    }
    return {};
  }

  Workspace& workspace_;
};

Result<Json> not_updatable(const ApiCall& /*call*/) {
  return Error{.kind = ErrorKind::unsupported,
               .code = "NOT_IMPLEMENTED",
               .message = "It cannot be changed: delete it and create it again."};
}

} // namespace

void register_synced_table_routes(ApiRouter& router, Workspace& workspace) {
  const auto routes = std::make_shared<SyncedTableRoutes>(workspace);
  using Method = Result<Json> (SyncedTableRoutes::*)(ApiCall&) const;
  const auto add = [&](const char* verb, const std::string& path, Method method, Cost cost) {
    router.json(verb, path, [routes, method](ApiCall& call) { return ((*routes).*method)(call); }, cost);
  };
  const std::string base = "/api/2.0/database";
  add("POST", base + "/catalogs", &SyncedTableRoutes::create_catalog, Cost::slow);
  add("GET", base + "/catalogs/{name}", &SyncedTableRoutes::get_catalog, Cost::quick);
  add("DELETE", base + "/catalogs/{name}", &SyncedTableRoutes::delete_catalog, Cost::slow);
  add("GET", base + "/instances/{name}/catalogs", &SyncedTableRoutes::list_catalogs, Cost::quick);
  add("POST", base + "/synced_tables", &SyncedTableRoutes::create_table, Cost::slow);
  add("GET", base + "/synced_tables/{name}", &SyncedTableRoutes::get_table, Cost::quick);
  add("DELETE", base + "/synced_tables/{name}", &SyncedTableRoutes::delete_table, Cost::slow);
  add("GET", base + "/instances/{name}/synced_tables", &SyncedTableRoutes::list_tables, Cost::quick);
  add("GET", base + "/instances/{name}/write_back", &SyncedTableRoutes::write_back, Cost::quick);
  // As on the service.
  router.json("PATCH", base + "/catalogs/{name}", not_updatable);
  router.json("PATCH", base + "/synced_tables/{name}", not_updatable);
  add("GET", "/api/2.0/pipelines/{id}", &SyncedTableRoutes::get_pipeline, Cost::quick);
  add("POST", "/api/2.0/pipelines/{id}/updates", &SyncedTableRoutes::start_update, Cost::slow);
  add("GET", "/api/2.0/pipelines/{id}/updates/{update}", &SyncedTableRoutes::get_update, Cost::quick);
}

} // namespace pier::server

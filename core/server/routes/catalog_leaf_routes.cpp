#include "core/base/text.hpp"
#include "core/server/routes/catalog_support.hpp"

#include <algorithm>
#include <fnmatch.h>

namespace pier::server {
namespace {

using catalog::Securable;
using catalog::SecurableType;

Error invalid(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = std::move(message),
               .hint = std::move(hint)};
}

Securable named(SecurableType type, const ApiCall& call) {
  return Securable{.type = type, .full_name = to_lower(call.at("name"))};
}

Result<std::string> schema_of_query(const ApiCall& call) {
  const auto& query = call.request.query;
  return schema_of(query.get("catalog_name").value_or(""), query.get("schema_name").value_or(""));
}

Result<Json> drop(Workspace& workspace, const ApiCall& call, SecurableType type) {
  PIER_TRY(workspace.catalog->drop(call.caller, named(type, call), false));
  return Json::object();
}

// Tables

Result<model::TableName> table_name(const ApiCall& call) {
  return model::TableName::parse(call.at("name"));
}

Result<Json> get_table(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto name, table_name(call));
  PIER_TRY(require_visible(workspace, call.caller, {.type = SecurableType::table, .full_name = name.to_string()}));
  PIER_TRY_ASSIGN(const auto table, workspace.catalog->table(name));
  PIER_TRY_ASSIGN(const auto metastore, workspace.catalog->metastore_id());
  return catalog::to_json(table, metastore);
}

/// The tables of a schema that the caller may see.
Result<std::vector<catalog::TableInfo>> visible_tables(Workspace& workspace, const ApiCall& call,
                                                       const std::string& schema) {
  const auto dot = schema.find('.');
  PIER_TRY_ASSIGN(const auto all, workspace.catalog->tables(schema.substr(0, dot), schema.substr(dot + 1)));
  std::vector<catalog::TableInfo> out;
  for (const auto& table : all) {
    PIER_TRY_ASSIGN(const bool visible,
                    workspace.catalog->is_visible(call.caller,
                                                  {.type = SecurableType::table, .full_name = table.name.to_string()}));
    if (visible) {
      out.push_back(table);
    }
  }
  return out;
}

Result<Json> list_tables(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto schema, schema_of_query(call));
  PIER_TRY_ASSIGN(const auto tables, visible_tables(workspace, call, schema));
  PIER_TRY_ASSIGN(const auto metastore, workspace.catalog->metastore_id());
  Json::Array items;
  for (const auto& table : tables) {
    auto item = catalog::to_json(table, metastore);
    if (call.request.query.flag("omit_columns")) {
      item.erase("columns");
    }
    if (call.request.query.flag("omit_properties")) {
      item.erase("properties");
    }
    items.push_back(std::move(item));
  }
  return page_of(call, "tables", std::move(items));
}

/// SQL patterns with % and _ become glob patterns; none means all.
bool fits_pattern(const std::string& name, std::string pattern) {
  if (pattern.empty()) {
    return true;
  }
  std::replace(pattern.begin(), pattern.end(), '%', '*');
  std::replace(pattern.begin(), pattern.end(), '_', '?');
  return ::fnmatch(to_lower(pattern).c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

Result<Json> table_summaries(Workspace& workspace, const ApiCall& call) {
  const auto& query = call.request.query;
  const auto catalog_name = to_lower(query.get("catalog_name").value_or(""));
  PIER_TRY_ASSIGN(const auto schemas, workspace.catalog->schema_names(catalog_name));
  Json::Array items;
  for (const auto& schema : schemas) {
    if (!fits_pattern(schema, query.get("schema_name_pattern").value_or(""))) {
      continue;
    }
    PIER_TRY_ASSIGN(const auto tables, visible_tables(workspace, call, catalog_name + "." + schema));
    for (const auto& table : tables) {
      if (fits_pattern(table.name.table, query.get("table_name_pattern").value_or(""))) {
        items.push_back(Json::object({{"full_name", table.name.to_string()}, {"table_type", table.table_type}}));
      }
    }
  }
  return page_of(call, "tables", std::move(items));
}

Result<Json> table_exists(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto name, table_name(call));
  const Securable securable{.type = SecurableType::table, .full_name = name.to_string()};
  const auto visible = workspace.catalog->is_visible(call.caller, securable);
  if (!visible && visible.error().code != "TABLE_DOES_NOT_EXIST") {
    return visible.error();
  }
  return Json::object({{"table_exists", visible && *visible}});
}

/// Registers a Delta table that lies in an external location; managed tables are made by SQL.
Result<Json> create_table(Workspace& workspace, const ApiCall& call) {
  const auto& body = call.body;
  PIER_TRY_ASSIGN(const auto name, call.required("name"));
  PIER_TRY_ASSIGN(const auto schema, schema_of(body.get_string("catalog_name"), body.get_string("schema_name")));
  if (body.get_string("table_type") != "EXTERNAL" || body.get_string("data_source_format") != "DELTA") {
    return invalid("only EXTERNAL tables of format DELTA can be made by this call",
                   "make managed tables by SQL: CREATE TABLE " + schema + "." + name + " (…)");
  }
  PIER_TRY_ASSIGN(const auto url, call.required("storage_location"));
  PIER_TRY_ASSIGN(const auto table_name, model::TableName::parse(schema + "." + name));
  catalog::TableInfo info{.name = table_name,
                          .table_type = "EXTERNAL",
                          .storage_location = catalog::folder_of_url(url),
                          .comment = body.get_string("comment")};
  const auto lake = (workspace.options.folder / "lake").string();
  if (info.storage_location.empty() || info.storage_location.starts_with(lake)) {
    return invalid("'" + url + "' is no folder outside of the workspace", "write file:///absolute/folder");
  }
  if (const auto* columns = body.find("columns")) {
    info.columns = catalog::columns_of_json(*columns);
  }
  if (const auto* properties = body.find("properties")) {
    info.properties = *properties;
  }
  PIER_TRY_ASSIGN(const auto made, workspace.catalog->create_table(call.caller, std::move(info)));
  PIER_TRY_ASSIGN(const auto metastore, workspace.catalog->metastore_id());
  return catalog::to_json(made, metastore);
}

Result<Json> update_table(Workspace& workspace, const ApiCall& call) {
  PIER_TRY(workspace.catalog->update(call.caller, named(SecurableType::table, call),
                                     {.owner = optional_text(call.body, "owner")}));
  return Json::object();
}

void register_tables(ApiRouter& router, Workspace& workspace) {
  const auto list = std::string(k_unity) + "/tables";
  router.json("GET", list, [&](ApiCall& call) { return list_tables(workspace, call); });
  router.json("POST", list, [&](ApiCall& call) { return create_table(workspace, call); }, http::Cost::slow);
  router.json("GET", list + "/{name}", [&](ApiCall& call) { return get_table(workspace, call); });
  router.json(
      "PATCH", list + "/{name}", [&](ApiCall& call) { return update_table(workspace, call); }, http::Cost::slow);
  router.json(
      "DELETE", list + "/{name}", [&](ApiCall& call) { return drop(workspace, call, SecurableType::table); },
      http::Cost::slow);
  router.json("GET", list + "/{name}/exists", [&](ApiCall& call) { return table_exists(workspace, call); });
  router.json("GET", std::string(k_unity) + "/table-summaries",
              [&](ApiCall& call) { return table_summaries(workspace, call); });
}

// Volumes and functions

Result<Json> shown(Workspace& workspace, const catalog::SecurableInfo& info) {
  PIER_TRY_ASSIGN(const auto metastore, workspace.catalog->metastore_id());
  return catalog::to_json(info, metastore);
}

Result<Json> create_volume(Workspace& workspace, const ApiCall& call) {
  const auto& body = call.body;
  PIER_TRY(call.required("name"));
  PIER_TRY_ASSIGN(const auto schema, schema_of(body.get_string("catalog_name"), body.get_string("schema_name")));
  PIER_TRY_ASSIGN(const auto type, call.required("volume_type"));
  const bool external = type == "EXTERNAL";
  if (!external && type != "MANAGED") {
    return invalid("'" + type + "' is no volume_type: use MANAGED or EXTERNAL");
  }
  const auto url = body.get_string("storage_location");
  if (external == url.empty()) {
    return invalid(external ? "Missing required field: storage_location"
                            : "storage_location is for EXTERNAL volumes only");
  }
  auto wanted = new_securable(SecurableType::volume, schema, body);
  wanted.details = Json::object({{"volume_type", type}});
  wanted.storage_location = catalog::folder_of_url(url);
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->create(call.caller, std::move(wanted)));
  return shown(workspace, info);
}

Result<Json> create_function(Workspace& workspace, const ApiCall& call) {
  const auto* nested = call.body.find("function_info");
  const auto& body = nested != nullptr ? *nested : call.body;
  PIER_TRY_ASSIGN(const auto schema, schema_of(body.get_string("catalog_name"), body.get_string("schema_name")));
  auto wanted = new_securable(SecurableType::function, schema, body);
  wanted.properties = Json(); // a text for functions
  wanted.details = body;
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->create(call.caller, std::move(wanted)));
  return shown(workspace, info);
}

Result<Json> get_leaf(Workspace& workspace, const ApiCall& call, SecurableType type) {
  const auto securable = named(type, call);
  PIER_TRY(require_visible(workspace, call.caller, securable));
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->get(securable));
  return shown(workspace, info);
}

Result<Json> update_leaf(Workspace& workspace, const ApiCall& call, SecurableType type) {
  auto change = update_of(call.body);
  change.properties.reset();
  PIER_TRY_ASSIGN(const auto info, workspace.catalog->update(call.caller, named(type, call), change));
  return shown(workspace, info);
}

void register_leaf(ApiRouter& router, Workspace& workspace, const std::string& member, SecurableType type) {
  const auto list = std::string(k_unity) + "/" + member;
  router.json("GET", list, [&workspace, member, type](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto schema, schema_of_query(call));
    return list_children(workspace, call, type, schema, member);
  });
  router.json("GET", list + "/{name}", [&workspace, type](ApiCall& call) { return get_leaf(workspace, call, type); });
  router.json(
      "PATCH", list + "/{name}", [&workspace, type](ApiCall& call) { return update_leaf(workspace, call, type); },
      http::Cost::slow);
  router.json(
      "DELETE", list + "/{name}", [&workspace, type](ApiCall& call) { return drop(workspace, call, type); },
      http::Cost::slow);
}

} // namespace

void register_catalog_leaf_routes(ApiRouter& router, Workspace& workspace) {
  register_tables(router, workspace);
  register_leaf(router, workspace, "volumes", SecurableType::volume);
  register_leaf(router, workspace, "functions", SecurableType::function);
  router.json(
      "POST", std::string(k_unity) + "/volumes", [&](ApiCall& call) { return create_volume(workspace, call); },
      http::Cost::slow);
  router.json(
      "POST", std::string(k_unity) + "/functions", [&](ApiCall& call) { return create_function(workspace, call); },
      http::Cost::slow);
}

} // namespace pier::server

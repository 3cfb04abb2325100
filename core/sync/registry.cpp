#include "core/sync/registry.hpp"

#include <array>

namespace pier::sync {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"sql(
CREATE TABLE sync_catalogs (
  name TEXT PRIMARY KEY, uid TEXT NOT NULL, instance TEXT NOT NULL, database_name TEXT NOT NULL,
  create_database INTEGER NOT NULL, spec TEXT NOT NULL);
CREATE TABLE sync_tables (
  name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, instance TEXT NOT NULL, database_name TEXT NOT NULL,
  source TEXT NOT NULL, key_columns TEXT NOT NULL, timeseries_key TEXT NOT NULL, policy TEXT NOT NULL,
  state TEXT NOT NULL, message TEXT NOT NULL, version INTEGER, version_at INTEGER NOT NULL, row_count INTEGER NOT NULL,
  creator TEXT NOT NULL, spec TEXT NOT NULL);
CREATE TABLE sync_write_back (instance TEXT PRIMARY KEY, pending INTEGER NOT NULL);
)sql"};

constexpr std::string_view k_table_columns = "name, id, instance, database_name, source, key_columns, timeseries_key, "
                                             "policy, state, message, version, version_at, "
                                             "row_count, creator, spec";

Json parse_json(const std::string& text) {
  const auto parsed = Json::parse(text);
  return parsed ? *parsed : Json::object();
}

Error no_table(std::string_view name) {
  return Error{.kind = ErrorKind::not_found,
               .code = "RESOURCE_DOES_NOT_EXIST",
               .message = "Synced database table '" + std::string(name) + "' not found"};
}

Result<SyncedTable> table_of(const store::Row& row) {
  SyncedTable table;
  PIER_TRY_ASSIGN(table.name, model::TableName::parse(row.text(0)));
  table.id = row.text(1);
  table.instance = row.text(2);
  table.database = row.text(3);
  PIER_TRY_ASSIGN(table.source, model::TableName::parse(row.text(4)));
  const auto keys = parse_json(row.text(5)); // named: its items must outlive the loop
  for (const auto& column : keys.as_array()) {
    table.key_columns.push_back(column.as_string());
  }
  table.timeseries_key = row.text(6);
  PIER_TRY_ASSIGN(table.policy, parse_policy(row.text(7)));
  table.state = row.text(8);
  table.message = row.text(9);
  if (!row.is_null(10)) {
    table.version = row.integer(10);
  }
  table.version_at = row.integer(11);
  table.rows = row.integer(12);
  table.creator = row.text(13);
  table.spec = parse_json(row.text(14));
  return table;
}

} // namespace

std::string_view to_string(SchedulingPolicy policy) {
  switch (policy) {
  case SchedulingPolicy::snapshot: return "SNAPSHOT";
  case SchedulingPolicy::triggered: return "TRIGGERED";
  case SchedulingPolicy::continuous: return "CONTINUOUS";
  }
  return "SNAPSHOT";
}

Result<SchedulingPolicy> parse_policy(std::string_view text) {
  for (const auto policy : {SchedulingPolicy::snapshot, SchedulingPolicy::triggered, SchedulingPolicy::continuous}) {
    if (to_string(policy) == text) {
      return policy;
    }
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = "scheduling_policy is one of SNAPSHOT, TRIGGERED, CONTINUOUS"};
}

Result<Registry> Registry::open(store::Database& database) {
  PIER_TRY(database.ensure_schema("sync", k_schema));
  return Registry(database);
}

Result<void> Registry::insert_catalog(const DatabaseCatalog& catalog) {
  PIER_TRY(database_->execute("INSERT INTO sync_catalogs VALUES (?,?,?,?,?,?)",
                              {catalog.name, catalog.uid, catalog.instance, catalog.database,
                               std::int64_t{catalog.create_database_if_not_exists}, catalog.spec.dump()}));
  return {};
}

Result<std::vector<DatabaseCatalog>> Registry::select_catalogs(std::string_view where,
                                                               std::vector<store::Value> arguments) {
  PIER_TRY_ASSIGN(
      const auto rows,
      database_->query("SELECT name, uid, instance, database_name, create_database, spec FROM sync_catalogs "
                       "WHERE " +
                           std::string(where) + " ORDER BY rowid",
                       std::move(arguments)));
  std::vector<DatabaseCatalog> out;
  for (const auto& row : rows) {
    out.push_back({.name = row.text(0),
                   .uid = row.text(1),
                   .instance = row.text(2),
                   .database = row.text(3),
                   .create_database_if_not_exists = row.integer(4) != 0,
                   .spec = parse_json(row.text(5))});
  }
  return out;
}

Result<DatabaseCatalog> Registry::catalog(std::string_view name) {
  PIER_TRY_ASSIGN(auto found, select_catalogs("name = ?", {std::string(name)}));
  if (found.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "Database catalog '" + std::string(name) + "' not found"};
  }
  return found.front();
}

Result<std::vector<DatabaseCatalog>> Registry::catalogs(std::string_view instance) {
  return select_catalogs("instance = ?", {std::string(instance)});
}

Result<std::optional<DatabaseCatalog>> Registry::catalog_of(std::string_view instance, std::string_view database) {
  PIER_TRY_ASSIGN(auto found, select_catalogs("instance = ? AND database_name = ?",
                                              {std::string(instance), std::string(database)}));
  return found.empty() ? std::optional<DatabaseCatalog>() : std::optional(found.front());
}

Result<void> Registry::remove_catalog(std::string_view name) {
  PIER_TRY(database_->execute("DELETE FROM sync_catalogs WHERE name = ?", {std::string(name)}));
  return {};
}

Result<void> Registry::insert_table(const SyncedTable& table) {
  PIER_TRY(database_->execute(
      "INSERT INTO sync_tables (" + std::string(k_table_columns) + ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      {table.name.to_string(), table.id, table.instance, table.database, table.source.to_string(),
       Json::strings(table.key_columns).dump(), table.timeseries_key, std::string(to_string(table.policy)), table.state,
       table.message, nullptr, table.version_at, table.rows, table.creator, table.spec.dump()}));
  return {};
}

Result<std::vector<SyncedTable>> Registry::select_tables(std::string_view where, std::vector<store::Value> arguments) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT " + std::string(k_table_columns) + " FROM sync_tables WHERE " +
                                       std::string(where) + " ORDER BY name",
                                   std::move(arguments)));
  std::vector<SyncedTable> out;
  for (const auto& row : rows) {
    PIER_TRY_ASSIGN(auto table, table_of(row));
    out.push_back(std::move(table));
  }
  return out;
}

Result<SyncedTable> Registry::table(std::string_view name) {
  PIER_TRY_ASSIGN(auto found, select_tables("name = ?", {std::string(name)}));
  if (found.empty()) {
    return no_table(name);
  }
  return std::move(found.front());
}

Result<SyncedTable> Registry::table_by_id(std::string_view id) {
  PIER_TRY_ASSIGN(auto found, select_tables("id = ?", {std::string(id)}));
  if (found.empty()) {
    return no_table(id);
  }
  return std::move(found.front());
}

Result<std::vector<SyncedTable>> Registry::tables() {
  return select_tables("1 = 1", {});
}

Result<void> Registry::set_state(std::string_view name, std::string_view state, std::string_view message) {
  PIER_TRY(database_->execute("UPDATE sync_tables SET state = ?, message = ? WHERE name = ?",
                              {std::string(state), std::string(message), std::string(name)}));
  return {};
}

Result<void> Registry::set_synced(std::string_view name, std::string_view state, std::string_view message,
                                  std::int64_t version, std::int64_t rows, std::int64_t at) {
  PIER_TRY(database_->execute(
      "UPDATE sync_tables SET state = ?, message = ?, version = ?, row_count = ?, version_at = ? WHERE name = ?",
      {std::string(state), std::string(message), version, rows, at, std::string(name)}));
  return {};
}

Result<void> Registry::remove_table(std::string_view name) {
  PIER_TRY(database_->execute("DELETE FROM sync_tables WHERE name = ?", {std::string(name)}));
  return {};
}

} // namespace pier::sync

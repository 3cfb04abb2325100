#pragma once

#include "core/store/database.hpp"
#include "core/sync/sync.hpp"

#include <string_view>
#include <vector>

namespace pier::sync {

/// The tables `sync_*` of the workspace.
class Registry {
 public:
  static Result<Registry> open(store::Database& database);

  Result<void> insert_catalog(const DatabaseCatalog& catalog);
  Result<DatabaseCatalog> catalog(std::string_view name);
  Result<std::vector<DatabaseCatalog>> catalogs(std::string_view instance);
  /// The first one registered for a database.
  Result<std::optional<DatabaseCatalog>> catalog_of(std::string_view instance, std::string_view database);
  Result<void> remove_catalog(std::string_view name);

  Result<void> insert_table(const SyncedTable& table);
  Result<SyncedTable> table(std::string_view name);
  Result<SyncedTable> table_by_id(std::string_view id);
  Result<std::vector<SyncedTable>> tables();
  Result<void> set_state(std::string_view name, std::string_view state, std::string_view message);
  Result<void> set_synced(std::string_view name, std::string_view state, std::string_view message, std::int64_t version,
                          std::int64_t rows, std::int64_t at);
  Result<void> remove_table(std::string_view name);

 private:
  explicit Registry(store::Database& database)
      : database_(&database) {}

  Result<std::vector<SyncedTable>> select_tables(std::string_view where, std::vector<store::Value> arguments);
  Result<std::vector<DatabaseCatalog>> select_catalogs(std::string_view where, std::vector<store::Value> arguments);

  store::Database* database_;
};

std::string_view to_string(SchedulingPolicy policy); ///< "SNAPSHOT"
Result<SchedulingPolicy> parse_policy(std::string_view text);

} // namespace pier::sync

#pragma once

#include "core/migrate/migration_file.hpp"
#include "core/model/bundle.hpp"

#include <string>
#include <vector>

namespace pier::migrate {

/// The migrations of one database, and the instance that they are for in the target.
struct MigrationTarget {
  MigrationSet set;
  std::string instance;
};

/// The folder migrations/<instance>/ names an instance of the bundle by its resource key or its name (PIER8415 if it
/// names none); a bundle without instances means one that exists already. Problems of the files go to diagnostics.
Result<std::vector<MigrationTarget>> migration_targets(const model::Bundle& bundle, Diagnostics& diagnostics);

/// A synced table as the database sees it.
struct SyncedTable {
  std::string instance;
  std::string database;
  std::string table; ///< "schema.table"

  bool operator==(const SyncedTable&) const = default;
};

/// The synced tables of a bundle whose names can be told from its configuration.
std::vector<SyncedTable> synced_tables(const model::ResourceGraph& graph);

} // namespace pier::migrate

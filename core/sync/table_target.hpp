#pragma once

#include "core/base/result.hpp"
#include "core/lakebase/pg_connection.hpp"
#include "core/model/table_name.hpp"
#include "core/sync/column_map.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace pier::sync {

/// A synced table inside of PostgreSQL, and what its sync_state row says.
struct TableTarget {
  std::string schema;
  std::string table;
  std::string source; ///< "main.gold.delays"
  std::string readers_role;

  [[nodiscard]] std::string quoted() const; ///< "gold"."delays"
};

struct SyncState {
  std::int64_t version = 0;
  std::int64_t rows = 0;
};

/// The version in the database; nothing when the table or its row is not there.
Result<std::optional<SyncState>> read_sync_state(lakebase::PgConnection& connection, const TableTarget& target);

/// Inside a transaction of the caller: `staging` (quoted, in schema pier, filled and with its key) takes the
/// place of the table, or its rows do when views depend on the old one. Rights that were granted stay.
/// Error PIER8104 when a table that is not ours has the name.
Result<void> replace_table(lakebase::PgConnection& connection, const TableTarget& target, const ColumnMap& columns,
                           const std::string& staging_name);

/// Upserts the sync_state row; inside the caller's transaction.
Result<void> write_sync_state(lakebase::PgConnection& connection, const TableTarget& target, const SyncState& state);

/// The schema with its rights, if it is not there. Error PIER8105 when it is missing and must not be made.
Result<void> ensure_schema(lakebase::PgConnection& connection, const TableTarget& target, bool may_create);

/// Deleting a synced table leaves the PostgreSQL table behind as an ordinary one of databricks_superuser
/// (facts: apps-runtime 5.4); purge drops it.
Result<void> release_table(lakebase::PgConnection& connection, const TableTarget& target, bool purge);

/// BEGIN … COMMIT around `body`; ROLLBACK when it fails.
template <class Body> Result<void> in_transaction(lakebase::PgConnection& connection, Body&& body) {
  PIER_TRY(connection.execute("BEGIN"));
  auto done = body();
  if (!done) {
    [[maybe_unused]] const auto ignored = connection.execute("ROLLBACK");
    return std::move(done).error();
  }
  return connection.execute("COMMIT");
}

} // namespace pier::sync

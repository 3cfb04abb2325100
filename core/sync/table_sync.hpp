#pragma once

#include "core/base/result.hpp"
#include "core/lake/lake.hpp"
#include "core/model/table_name.hpp"
#include "core/sync/table_target.hpp"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::sync {

/// One run of a synced table: from where, to where.
struct SyncJob {
  model::TableName source;
  TableTarget target;
  std::vector<std::string> key_columns;
  std::string timeseries_key; ///< with it the newest row of a key wins; empty: duplicates are errors
  bool may_create_schema = true;
  std::string conninfo; ///< of the system role, to the target's database
  std::string id;       ///< letters and digits, unique among the synced tables: names its staging table
  std::stop_token stop;
  int connections = 2;
  double incremental_limit = 0.1; ///< share of changed rows above which a snapshot is taken
};

struct SyncOutcome {
  std::int64_t version = 0; ///< of the source, now in the table
  std::int64_t rows = 0;    ///< in the table afterwards
  std::int64_t changed = 0; ///< loaded, or changed by an incremental run
  std::int64_t skipped = 0; ///< without key
  bool snapshot = false;
};

/// Replaces the whole table by the source at `version`: staging table, 2 × COPY, key, swap together with the
/// version in one transaction. Readers see the old rows or the new ones.
Result<SyncOutcome> sync_snapshot(lake::Lake& lake, const SyncJob& job, std::int64_t version);

/// Brings the table from the version it has to `version` by the source's changes, in one transaction that also
/// moves the version; takes a snapshot instead when there is no table yet, the schema changed, files are gone,
/// or too many rows changed.
Result<SyncOutcome> sync_incremental(lake::Lake& lake, const SyncJob& job, std::int64_t version);

} // namespace pier::sync

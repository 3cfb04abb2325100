#pragma once

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/catalog/catalog.hpp"
#include "core/identity/identity.hpp"
#include "core/lake/lake.hpp"
#include "core/lakebase/lakebase.hpp"
#include "core/model/table_name.hpp"
#include "core/store/database.hpp"
#include "core/sync/write_back_consumer.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::sync {

/// A database of an instance under a catalog name of Unity Catalog.
struct DatabaseCatalog {
  std::string name;
  std::string uid;
  std::string instance;
  std::string database;
  bool create_database_if_not_exists = false;
  Json spec; ///< as sent
};

enum class SchedulingPolicy { snapshot, triggered, continuous };

/// A synced table: what was asked for, and how it is doing.
struct SyncedTable {
  model::TableName name;
  std::string id; ///< of its pipeline: UUID
  std::string instance;
  std::string database;
  model::TableName source;
  std::vector<std::string> key_columns;
  std::string timeseries_key;
  SchedulingPolicy policy = SchedulingPolicy::snapshot;
  std::string state;                          ///< "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE"
  std::string message;                        ///< of the last run
  std::optional<std::int64_t> version;        ///< of the source, in the table now
  std::optional<std::int64_t> source_version; ///< the newest that is known
  std::int64_t version_at = 0;                ///< when it was synced, epoch milliseconds
  std::int64_t rows = 0;
  std::string creator;
  Json spec;             ///< the request as sent
  bool updating = false; ///< a run waits or is going on

  [[nodiscard]] bool has_failed() const; ///< the last run did
};

struct Options {
  std::chrono::milliseconds poll{1'000}; ///< how often the sources of TRIGGERED and CONTINUOUS tables are looked at
  std::chrono::milliseconds write_back_interval{1'000};
};

/// Synced tables (Delta → PostgreSQL) and write-back (PostgreSQL → Delta) of a workspace; SQLite tables `sync_*`.
/// All work runs on its own threads; state survives kill -9: a run that was cut off is started again, and both
/// directions are exactly-once. Thread-safe.
class SyncService {
 public:
  static Result<std::unique_ptr<SyncService>> open(store::Database& database, identity::Identity& identity,
                                                   catalog::Catalog& catalog, lake::Lake& lake,
                                                   lakebase::Lakebase& lakebase, const Clock& clock,
                                                   Options options = {});
  virtual ~SyncService() = default;

  virtual Result<DatabaseCatalog> create_catalog(const identity::Caller& caller, const Json& spec) = 0;
  virtual Result<DatabaseCatalog> catalog(std::string_view name) = 0;
  virtual Result<std::vector<DatabaseCatalog>> catalogs(std::string_view instance) = 0;
  virtual Result<void> delete_catalog(const identity::Caller& caller, std::string_view name) = 0;

  /// Checks, registers, returns in state PROVISIONING; a worker makes the table.
  virtual Result<SyncedTable> create_table(const identity::Caller& caller, const Json& spec) = 0;
  virtual Result<SyncedTable> table(const model::TableName& name) = 0;
  virtual Result<SyncedTable> table_by_id(std::string_view id) = 0;
  virtual Result<std::vector<SyncedTable>> tables() = 0;
  /// The PostgreSQL table stays behind as an ordinary one, unless purge.
  virtual Result<void> delete_table(const identity::Caller& caller, const model::TableName& name, bool purge) = 0;
  /// Asks for a run now; full: a snapshot whatever the policy.
  virtual Result<void> refresh(const model::TableName& name, bool full) = 0;
  /// Until no run is waiting or going on. Error when the last one failed, or after the limit.
  virtual Result<SyncedTable> wait_until_synced(const model::TableName& name, std::chrono::milliseconds limit) = 0;
  /// A source has a new version: its TRIGGERED and CONTINUOUS tables follow at once.
  virtual void source_changed(const model::TableName& source) = 0;

  /// An instance was deleted: its synced tables and catalogs are gone with it.
  virtual Result<void> forget_instance(const identity::Caller& caller, std::string_view instance) = 0;

  virtual std::vector<WriteBackStatus> write_back(std::string_view instance) = 0;
};

} // namespace pier::sync

#pragma once

#include "core/base/guarded.hpp"
#include "core/sync/registry.hpp"
#include "core/sync/table_sync.hpp"

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::sync {

/// States of a synced table as the API names them (facts: workspace-api, synced tables).
namespace table_state {
constexpr std::string_view k_provisioning = "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT";
constexpr std::string_view k_online = "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE";
constexpr std::string_view k_online_continuous = "SYNCED_TABLE_ONLINE_CONTINUOUS_UPDATE";
constexpr std::string_view k_updating = "SYNCED_TABLE_ONLINE_TRIGGERED_UPDATE";
constexpr std::string_view k_failed = "SYNCED_TABLE_ONLINE_PIPELINE_FAILED";
constexpr std::string_view k_failed_at_first = "SYNCED_TABLE_OFFLINE_FAILED";
} // namespace table_state

/// Columns of a Delta table as the catalog keeps them.
std::vector<catalog::ColumnInfo> catalog_columns(const std::vector<lake::Field>& fields);

/// The runs of synced tables: brings one up to date, and remembers which versions were seen. Thread-safe.
class TableRunner {
 public:
  TableRunner(Registry& registry, catalog::Catalog& catalog, lake::Lake& lake, lakebase::Lakebase& lakebase,
              const Clock& clock);

  /// One run to its end; its outcome goes to the registry. Nothing when the table was deleted meanwhile; a run that
  /// was stopped leaves its state, by which the next daemon does it again.
  void run(const std::string& name, bool full, const std::stop_token& stop);

  /// True when the source has a version newer than the one that was last tried: one that fails is not tried again
  /// and again.
  bool is_behind(const SyncedTable& table);

  /// The newest version of a source that was seen here.
  [[nodiscard]] std::optional<std::int64_t> known_version(const model::TableName& source);

  /// Gives the PostgreSQL table back as an ordinary one, or drops it.
  Result<void> release(const SyncedTable& table, bool purge);

 private:
  Result<SyncOutcome> run_table(const SyncedTable& table, bool snapshot, const std::stop_token& stop);
  /// The source may have other columns now.
  Result<void> update_catalog(const SyncedTable& table, std::int64_t version);

  Registry& registry_;
  catalog::Catalog& catalog_;
  lake::Lake& lake_;
  lakebase::Lakebase& lakebase_;
  const Clock& clock_;
  Guarded<std::map<std::string, std::int64_t>> known_versions_; ///< of sources
  Guarded<std::map<std::string, std::int64_t>> attempted_;      ///< by synced table
};

} // namespace pier::sync

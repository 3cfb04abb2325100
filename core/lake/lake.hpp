#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/catalog/catalog.hpp"
#include "core/identity/identity.hpp"
#include "core/lake/column_batch.hpp"
#include "core/lake/data_type.hpp"
#include "core/lake/statement.hpp"
#include "core/model/table_name.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake {

struct LakeOptions {
  std::filesystem::path root;         ///< managed tables
  std::filesystem::path volumes_root; ///< managed volumes: files that SQL may read
  unsigned threads = 0;               ///< of the engine; 0: one for each core
  std::string memory_limit;           ///< "2GB"; empty: the engine's own choice
  /// Where libduckdb.so is; empty: ../lib beside the executable.
  std::filesystem::path library;
  identity::Identity* identity = nullptr; ///< knows owners: views read with their rights
};

/// Columns of a table at one version.
struct TableSchema {
  std::vector<Field> columns;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> properties; ///< "delta.enableChangeDataFeed" → "true"

  [[nodiscard]] bool change_data_feed() const;
};

/// Rows to append, as texts: cells row by row, one for each column. Texts are cast to the column's type:
/// numbers, "true"/"t", ISO dates and times (timestamps with zone or in UTC), binary as raw bytes,
/// nested as JSON. No value: NULL.
struct RowBatch {
  std::vector<Field> columns;
  std::vector<std::optional<std::string>> cells;

  [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : cells.size() / columns.size(); }
};

/// Delta's `txn` action: makes a write idempotent. A commit with a version not above the stored one is dropped.
struct AppTransaction {
  std::string app_id;
  std::int64_t version = 0;
};

using BatchReader = std::function<Result<void>(const ColumnBatch&)>; ///< an error stops the reading

/// What a change feed can give. Without change files and without key columns a rewritten file cannot be told
/// from new rows, so deletes and inserts of unchanged rows cancel out by whole-row comparison.
struct ChangeOptions {
  std::vector<std::string> key_columns;
  std::stop_token stop;
};

/// The Delta tables of a local workspace and the SQL engine over them. Loads DuckDB on first use.
/// Thread-safe; calls block, so keep them off the server's own threads. The table functions below trust
/// their caller (sync, write-back): they check no privileges; `execute` checks all.
class Lake {
 public:
  static Result<std::unique_ptr<Lake>> open(LakeOptions options, catalog::Catalog& catalog, const Clock& clock);
  virtual ~Lake() = default;

  /// One statement with the caller's privileges. SQL errors carry their class as code
  /// ("TABLE_OR_VIEW_NOT_FOUND"), see sql_state_of; a stop gives ErrorKind::interrupted.
  virtual Result<StatementResult> execute(const StatementRequest& request) = 0;

  virtual Result<std::int64_t> latest_version(const model::TableName& table) = 0;
  virtual Result<TableSchema> schema(const model::TableName& table, std::int64_t version) = 0;

  /// All rows at a version, columns in the order of `schema` (or just the named ones). Nested as json.
  virtual Result<void> read_snapshot(const model::TableName& table, std::int64_t version, const BatchReader& reader,
                                     std::span<const std::string> columns = {}, std::stop_token stop = {}) = 0;

  /// Row changes of the versions from..to, both included: the columns of the schema at `to`, then _change_type
  /// (text: insert, delete, update_preimage, update_postimage), _commit_version (int64), _commit_timestamp
  /// (timestamp); ordered by version. From the change data feed where it is on, else derived from files.
  /// Error invalid_state when the schema changed in between or files are gone: read a snapshot instead.
  virtual Result<void> read_changes(const model::TableName& table, std::int64_t from, std::int64_t to,
                                    const BatchReader& reader, const ChangeOptions& options = {}) = 0;

  /// Appends in one commit and returns its version; makes the table with the batch's columns if it is not
  /// there (owner `caller`), adds new columns to an existing one. A transaction that is already in the log
  /// changes nothing and returns the version that the table has.
  virtual Result<std::int64_t> append(const identity::Caller& caller, const model::TableName& table,
                                      const RowBatch& rows, const std::optional<AppTransaction>& transaction = {}) = 0;

  /// The last committed version of an application's writes to this table; nothing: never (or no table).
  virtual Result<std::optional<std::int64_t>> app_transaction(const model::TableName& table,
                                                              std::string_view app_id) = 0;

  /// Blocks until the table's version is above `version`, or until the deadline or a stop: for continuous sync.
  /// Returns the version then.
  virtual Result<std::int64_t> wait_for_version_above(const model::TableName& table, std::int64_t version,
                                                      std::chrono::milliseconds timeout, std::stop_token stop) = 0;
};

} // namespace pier::lake

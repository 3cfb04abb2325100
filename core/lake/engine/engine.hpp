#pragma once

#include "core/base/result.hpp"
#include "core/lake/column_batch.hpp"
#include "core/lake/data_type.hpp"

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

struct EngineOptions {
  std::filesystem::path library; ///< libduckdb.so
  unsigned threads = 0;          ///< 0: one for each core
  std::string memory_limit;
  std::filesystem::path temp_folder;                      ///< spilled intermediate results
  std::vector<std::filesystem::path> allowed_directories; ///< the only files that SQL can reach
};

/// Column of a query as the engine plans it.
struct EngineColumn {
  std::string name;
  DataType type;           ///< what it is for Delta and SQL
  bool needs_cast = false; ///< the engine's own type differs (HUGEINT, TIME …): cast to type.to_duckdb() before use
};

/// Rows being produced. Memory of a batch lives until the next call.
class EngineRows {
 public:
  virtual ~EngineRows() = default;
  /// False at the end. Nested columns must have been cast to JSON text before.
  virtual Result<bool> next(ColumnBatch& batch) = 0;
};

/// One parquet file as COPY … (RETURN_STATS) reports it.
struct WrittenFile {
  std::string path;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  /// By column ("a"."b" with quotes), then min, max, null_count, has_nan as texts.
  std::map<std::string, std::map<std::string, std::string>> statistics;
  std::map<std::string, std::optional<std::string>> partition;
};

class EngineStatement {
 public:
  virtual ~EngineStatement() = default;
  [[nodiscard]] virtual const std::vector<EngineColumn>& columns() const = 0;
  /// Starts; the rows refer to this statement. A stop interrupts at once: ErrorKind::interrupted.
  virtual Result<std::unique_ptr<EngineRows>> run(std::stop_token stop) = 0;
};

/// One session; not for two threads at a time. Goes back to the pool of its engine when destroyed.
class EngineSession {
 public:
  virtual ~EngineSession() = default;
  /// `reads` says which state of which tables the SQL reads. With it the plan of a statement that was quick is
  /// kept for the next one with the same text and state; without it (files may change under the plan) never.
  virtual Result<std::unique_ptr<EngineStatement>> prepare(const std::string& sql, std::string_view reads = {}) = 0;
  /// Runs to the end, rows are dropped.
  virtual Result<void> run(const std::string& sql, std::stop_token stop = {}) = 0;
  /// Texts of all cells, each column must be text already: for small internal results.
  virtual Result<std::vector<std::vector<std::optional<std::string>>>> texts(const std::string& sql,
                                                                             std::stop_token stop = {}) = 0;
  /// Runs a COPY … TO … (RETURN_STATS).
  virtual Result<std::vector<WrittenFile>> copy(const std::string& sql, std::stop_token stop = {}) = 0;
  /// Appends rows of texts (binary columns: bytes) to a temporary table made before.
  virtual Result<void> append_texts(const std::string& table, std::span<const DataType> types,
                                    std::span<const std::optional<std::string>> cells) = 0;
};

/// Deletion vector check for the engine's function pier_dv(file_no, row): true when the row is deleted.
using DeletionCheck = std::function<bool(std::uint64_t row)>;

/// DuckDB in this process, loaded and opened by open(): no extensions, no network, no files outside the
/// allowed folders, settings locked. Thread-safe.
class Engine {
 public:
  /// Error unavailable when the library is missing.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options);
  virtual ~Engine() = default;
  virtual Result<std::unique_ptr<EngineSession>> session() = 0;

  /// Differs between engines of this process: handles of one mean nothing to another.
  [[nodiscard]] virtual std::uint64_t id() const = 0;

  /// Makes a deletion vector known to pier_dv; the id is valid while the returned handle lives.
  virtual std::shared_ptr<const std::int64_t> register_deletions(DeletionCheck check) = 0;
};

std::string quote_identifier(std::string_view name); ///< "a""b"
std::string quote_text(std::string_view text);       ///< 'a''b'
std::string escape_glob(std::string_view path);      ///< the engine takes paths for globs: "a[*]b"

} // namespace pier::lake

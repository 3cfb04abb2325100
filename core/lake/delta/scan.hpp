#pragma once

#include "core/base/result.hpp"
#include "core/lake/delta/snapshot.hpp"
#include "core/lake/engine/engine.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pier::lake::delta {

/// A query that the engine can run, and what must live as long as it does.
struct ScanSql {
  std::string sql; ///< a SELECT with exactly the table's columns
  std::vector<std::shared_ptr<const void>> keep;
};

struct ScanRequest {
  std::span<const std::shared_ptr<const AddFile>> files;
  bool with_position = false;    ///< adds __pier_file (text, as in the log) and __pier_row (BIGINT)
  bool with_change_type = false; ///< the files are change data files: adds their _change_type
};

/// The rows of some of a snapshot's files: columns renamed, cast and filled as the schema says, partition
/// values from the log, deleted rows left out. Files must lie in the table's folder.
Result<ScanSql> scan_sql(Engine& engine, const Snapshot& snapshot, const ScanRequest& request);

/// All rows of the snapshot.
Result<ScanSql> scan_sql(Engine& engine, const Snapshot& snapshot);

/// The absolute path of a data file; error when it lies outside the table.
Result<std::string> data_file(const Snapshot& snapshot, const std::string& log_path);

} // namespace pier::lake::delta

#pragma once

#include "core/base/result.hpp"
#include "core/lake/data_type.hpp"
#include "core/lake/delta/actions.hpp"
#include "core/lake/engine/engine.hpp"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::lake::delta {

/// What to write: a query whose columns are exactly those of the table, in order.
struct WriteRequest {
  std::filesystem::path root;   ///< the table's folder
  std::filesystem::path folder; ///< below root: "" or "_change_data"
  std::string query;
  std::vector<Field> columns;
  std::vector<std::string> partition_columns;
  std::int64_t now_millis = 0;
  std::stop_token stop;
};

struct WriteResult {
  std::vector<AddFile> files; ///< no file for no rows
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Writes parquet files with statistics, fsynced; none stays behind on failure. Checks NOT NULL
/// (DELTA_NOT_NULL_CONSTRAINT_VIOLATED). The files mean nothing before a commit names them.
Result<WriteResult> write_files(EngineSession& session, const WriteRequest& request);

/// Tag of files whose own columns are exactly those of a table with this schema: they are read without
/// renaming, casting or filling, which is cheaper to plan.
inline constexpr const char* k_schema_tag = "PIER_SCHEMA";
std::string schema_fingerprint(const std::vector<Field>& columns);

/// Removes files that will not be committed.
void discard_files(const std::filesystem::path& root, const std::vector<AddFile>& files);

} // namespace pier::lake::delta

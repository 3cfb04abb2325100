#pragma once

#include "core/identity/identity.hpp"
#include "core/lake/data_type.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake {

/// A value for `:name` in a statement; no value is NULL.
struct Parameter {
  std::string name;
  std::string type = "STRING"; ///< SQL text of the type
  std::optional<std::string> value;
};

struct StatementRequest {
  identity::Caller caller;
  std::string sql;
  std::string catalog; ///< defaults for names without; empty: main
  std::string schema;  ///< empty: default
  std::vector<Parameter> parameters;
  std::optional<std::int64_t> row_limit;
  std::optional<std::int64_t> byte_limit; ///< of the result's JSON text
  std::stop_token stop;                   ///< cancel: the engine is interrupted at once
};

struct ResultColumn {
  std::string name;
  DataType type;
};

/// Rows of a result as JSON text: `[["1","a"],[null,"b"]]`: every scalar a string, DATE 2024-01-31, TIMESTAMP
/// 2024-01-31T10:00:00.000Z, BINARY base64, nested as JSON text (facts: workspace-api 3.7).
struct ResultChunk {
  std::int64_t row_offset = 0;
  std::int64_t row_count = 0;
  std::string data_array;
};

struct StatementResult {
  std::vector<ResultColumn> columns; ///< empty: a statement without rows
  std::vector<ResultChunk> chunks;
  std::int64_t row_count = 0;
  bool truncated = false; ///< a limit cut it
  /// After USE: what later statements of a session start with.
  std::string catalog;
  std::string schema;
};

/// Texts of a result's cells, row by row: for callers that want values instead of JSON.
std::vector<std::vector<std::optional<std::string>>> result_rows(const StatementResult& result);

/// SQLSTATE of an error class: "TABLE_OR_VIEW_NOT_FOUND" → "42P01"; empty for an unknown one.
std::string_view sql_state_of(std::string_view error_class);

} // namespace pier::lake

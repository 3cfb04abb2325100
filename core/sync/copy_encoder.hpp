#pragma once

#include "core/base/result.hpp"
#include "core/lake/column_batch.hpp"
#include "core/sync/column_map.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pier::sync {

/// The head and the tail of a PGCOPY stream (PostgreSQL manual, COPY, "Binary Format").
std::string_view copy_header();
std::string_view copy_trailer();

/// Turns batches of columns into rows of COPY … FORMAT binary. Rows with a NULL in a key column are left out and
/// counted. Rows of one batch are never cut in two.
class CopyEncoder {
 public:
  explicit CopyEncoder(const ColumnMap& columns)
      : columns_(columns) {}

  /// Further smallint/bigint columns behind the table's own, the same value types for every row: for change sets.
  struct Extra {
    std::int16_t operation = 0; ///< int2
    std::int64_t version = 0;   ///< int8
  };

  /// Appends all rows. The batch's columns begin with those of the map. Error PIER8103 names the row whose text
  /// holds a NUL character.
  Result<void> append(std::string& out, const lake::ColumnBatch& batch);
  /// Appends one row with two more columns behind. Nothing is appended for a row without key.
  Result<void> append_row(std::string& out, const lake::ColumnBatch& batch, std::size_t row, const Extra& extra);

  [[nodiscard]] std::int64_t rows() const { return rows_; }

  [[nodiscard]] std::int64_t skipped() const { return skipped_; } ///< rows without key

 private:
  [[nodiscard]] bool has_key(const lake::ColumnBatch& batch, std::size_t row) const;
  Result<void> encode_row(std::string& out, const lake::ColumnBatch& batch, std::size_t row);
  [[nodiscard]] Error nul_character(const lake::ColumnBatch& batch, std::size_t row, std::size_t column) const;

  const ColumnMap& columns_;
  std::int64_t rows_ = 0;
  std::int64_t skipped_ = 0;
};

/// numeric in binary form: base-10000 digits of a scaled integer (numeric.c, numeric_send).
void append_numeric(std::string& out, lake::Int128 scaled, unsigned scale);

/// A value as text, for messages: "42", "it's", "2024-01-31".
std::string describe_value(const lake::Column& column, std::size_t row);

} // namespace pier::sync

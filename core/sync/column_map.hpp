#pragma once

#include "core/base/result.hpp"
#include "core/lake/data_type.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pier::sync {

/// A synced table's columns: Delta types as PostgreSQL types (facts: apps-runtime 5.4).
struct ColumnMap {
  std::vector<lake::Field> fields;
  std::vector<std::string> types;       ///< "bigint", "numeric(10,2)", "jsonb"
  std::vector<std::size_t> key_columns; ///< positions of the primary key, in key order

  /// Error PIER8101 names a column that has no PostgreSQL type, PIER8102 a key column that is missing or nested.
  static Result<ColumnMap> make(const std::vector<lake::Field>& fields, const std::vector<std::string>& key_names);

  [[nodiscard]] std::string definitions() const;                         ///< `"id" bigint, "name" text`
  [[nodiscard]] std::string names(const std::string& prefix = {}) const; ///< `"id", "name"`; prefix "t." for each
  [[nodiscard]] std::string key_names(const std::string& prefix = {}) const;
  [[nodiscard]] bool is_key(std::size_t column) const;
};

/// "bigint" of BIGINT. Error PIER8101.
Result<std::string> postgres_type(const lake::Field& field);

/// Delta type of a PostgreSQL column, for write-back: by type oid and modifier (pg_attribute). What has no
/// counterpart (uuid, enums, ranges, arrays, numeric without precision) becomes STRING.
lake::DataType delta_type(std::uint32_t type_oid, std::int32_t modifier);

} // namespace pier::sync

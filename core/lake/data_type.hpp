#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake {

/// Types of Delta columns (protocol: "Schema Serialization Format") and of SQL results.
enum class TypeKind {
  boolean,
  int8,
  int16,
  int32,
  int64,
  float32,
  float64,
  decimal,
  string,
  binary,
  date,
  timestamp,     ///< an instant, µs
  timestamp_ntz, ///< wall clock, µs
  array,
  map,
  structure,
  null,     ///< VOID: the type of a bare NULL
  interval, ///< only in results
};

struct Field;

/// A column's type as a value. array: fields = {element}; map: {key, value}; structure: its members.
struct DataType {
  TypeKind kind = TypeKind::string;
  std::uint8_t precision = 0; ///< decimal only
  std::uint8_t scale = 0;
  std::vector<Field> fields;

  bool operator==(const DataType&) const;

  [[nodiscard]] bool is_nested() const {
    return kind == TypeKind::array || kind == TypeKind::map || kind == TypeKind::structure;
  }

  /// SQL text as people write it: "BIGINT", "decimal(10,2)" in any case, "ARRAY<STRUCT<a: INT>>", "VARCHAR(20)"
  /// (a string). Error invalid_argument UNSUPPORTED_DATATYPE.
  static Result<DataType> parse(std::string_view sql_text);
  /// Spark's JSON: "long", "decimal(10,2)", {"type":"array",…}; the text of a JSON value.
  static Result<DataType> parse_json(std::string_view json);

  [[nodiscard]] std::string to_sql() const;     ///< "BIGINT", "DECIMAL(10,2)", "ARRAY<INT>"
  [[nodiscard]] std::string to_catalog() const; ///< lower case as Unity Catalog's type_text: "bigint"
  [[nodiscard]] std::string type_name() const;  ///< of the Statement API: "LONG", "DECIMAL", "STRUCT"
  [[nodiscard]] std::string to_json() const;    ///< Spark's JSON of the type
  [[nodiscard]] std::string to_duckdb() const;  ///< "BIGINT", "TIMESTAMP WITH TIME ZONE", "STRUCT(…)"
};

/// A named type: a column of a table, a member of a struct.
struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  std::string comment;
  std::string physical_name; ///< in the parquet files; empty: the same as name (column mapping)
  std::int64_t field_id = 0; ///< column mapping id; 0: none
  std::string metadata_json; ///< further metadata of the field as JSON object text; may be empty

  bool operator==(const Field&) const = default;
};

inline bool DataType::operator==(const DataType&) const = default;

} // namespace pier::lake

#pragma once

#include "core/lake/data_type.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace pier::lake {

/// One scalar type under all its names.
struct ScalarName {
  TypeKind kind;
  std::string_view sql;       ///< to_sql
  std::string_view type_name; ///< Statement API
  std::string_view json;      ///< Spark's JSON
  std::string_view duckdb;
};

inline constexpr std::array k_scalars{
    ScalarName{TypeKind::boolean, "BOOLEAN", "BOOLEAN", "boolean", "BOOLEAN"},
    ScalarName{TypeKind::int8, "TINYINT", "BYTE", "byte", "TINYINT"},
    ScalarName{TypeKind::int16, "SMALLINT", "SHORT", "short", "SMALLINT"},
    ScalarName{TypeKind::int32, "INT", "INT", "integer", "INTEGER"},
    ScalarName{TypeKind::int64, "BIGINT", "LONG", "long", "BIGINT"},
    ScalarName{TypeKind::float32, "FLOAT", "FLOAT", "float", "FLOAT"},
    ScalarName{TypeKind::float64, "DOUBLE", "DOUBLE", "double", "DOUBLE"},
    ScalarName{TypeKind::string, "STRING", "STRING", "string", "VARCHAR"},
    ScalarName{TypeKind::binary, "BINARY", "BINARY", "binary", "BLOB"},
    ScalarName{TypeKind::date, "DATE", "DATE", "date", "DATE"},
    ScalarName{TypeKind::timestamp, "TIMESTAMP", "TIMESTAMP", "timestamp", "TIMESTAMP WITH TIME ZONE"},
    ScalarName{TypeKind::timestamp_ntz, "TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp_ntz", "TIMESTAMP"},
    ScalarName{TypeKind::null, "VOID", "NULL", "void", "\"NULL\""},
    ScalarName{TypeKind::interval, "INTERVAL", "INTERVAL", "interval", "INTERVAL"},
};

inline constexpr std::array<std::pair<std::string_view, TypeKind>, 9> k_synonyms{{
    {"BYTE", TypeKind::int8},
    {"SHORT", TypeKind::int16},
    {"INTEGER", TypeKind::int32},
    {"LONG", TypeKind::int64},
    {"REAL", TypeKind::float32},
    {"TIMESTAMP_LTZ", TypeKind::timestamp},
    {"TEXT", TypeKind::string},
    {"NULL", TypeKind::null},
    {"BOOL", TypeKind::boolean},
}};

inline Error unsupported_type(std::string_view text) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "UNSUPPORTED_DATATYPE",
               .message = "Unsupported data type \"" + std::string(text) + "\""};
}

} // namespace pier::lake

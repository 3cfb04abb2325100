#include "core/lake/engine/prelude.hpp"

#include <array>

namespace pier::lake {
namespace {

// typeof() of a bound argument is a constant, so that only the branch for its type stays in the plan; the
// other branches use TRY_CAST, which binds for every type.
constexpr std::array<std::string_view, 10> k_statements{
    "CREATE MACRO pier_nonzero(x) AS CASE WHEN x = 0 THEN error('[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` "
    "to tolerate divisor being 0 and return NULL instead.') ELSE x END",

    // Operands whose type was not known when the SQL was made: only the engine can tell a decimal or a float.
    "CREATE MACRO pier_no_decimal(x) AS CASE WHEN typeof(x) LIKE 'DECIMAL%' THEN error('[UNSUPPORTED_FEATURE] this "
    "arithmetic on a decimal of a derived column is not offered by the local workspace: cast it first') ELSE x END",

    "CREATE MACRO pier_no_float(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN error('[UNSUPPORTED_FEATURE] "
    "round of a derived column is not offered by the local workspace: cast it to DOUBLE first') ELSE x END",

    "CREATE MACRO pier_integer(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') OR typeof(x) LIKE 'DECIMAL%' THEN "
    "error('[UNSUPPORTED_FEATURE] DIV of numbers that are no integers is not offered by the local workspace') ELSE x "
    "END",

    // The whole part, as casts to integers take it: truncated, never rounded; texts must be whole numbers.
    "CREATE MACRO pier_whole(x) AS CASE"
    " WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN CAST(trunc(TRY_CAST(x AS DOUBLE)) AS HUGEINT)"
    " WHEN typeof(x) LIKE 'DECIMAL%' THEN CAST(split_part(x::VARCHAR, '.', 1) AS HUGEINT)"
    " WHEN typeof(x) = 'VARCHAR' THEN CASE WHEN regexp_full_match(trim(x::VARCHAR), '[+-]?[0-9]+') THEN"
    " CAST(trim(x::VARCHAR) AS HUGEINT) WHEN x IS NULL THEN NULL ELSE error('[CAST_INVALID_INPUT] The value ''' || "
    "x::VARCHAR || ''' of the type \"STRING\" cannot be cast to \"BIGINT\" because it is malformed.') END"
    " WHEN typeof(x) LIKE 'TIMESTAMP%' THEN CAST(floor(epoch(TRY_CAST(x AS TIMESTAMPTZ))) AS HUGEINT)"
    " ELSE TRY_CAST(x AS HUGEINT) END",

    "CREATE MACRO pier_try_whole(x) AS CASE"
    " WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN TRY_CAST(trunc(TRY_CAST(x AS DOUBLE)) AS HUGEINT)"
    " WHEN typeof(x) LIKE 'DECIMAL%' THEN TRY_CAST(split_part(x::VARCHAR, '.', 1) AS HUGEINT)"
    " WHEN typeof(x) = 'VARCHAR' THEN CASE WHEN regexp_full_match(trim(x::VARCHAR), '[+-]?[0-9]+') THEN"
    " TRY_CAST(trim(x::VARCHAR) AS HUGEINT) END"
    " WHEN typeof(x) LIKE 'TIMESTAMP%' THEN CAST(floor(epoch(TRY_CAST(x AS TIMESTAMPTZ))) AS HUGEINT)"
    " ELSE TRY_CAST(x AS HUGEINT) END",

    // Texts of values as the dialect writes them: no zone on instants (the session is in UTC), Java's doubles.
    "CREATE MACRO pier_text(x) AS CASE"
    " WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN replace(x::VARCHAR, '+00', '')"
    " WHEN typeof(x) = 'DOUBLE' THEN pier_double_text(TRY_CAST(x AS DOUBLE))"
    " WHEN typeof(x) = 'FLOAT' THEN pier_float_text(TRY_CAST(x AS FLOAT))"
    " WHEN typeof(x) = 'BLOB' THEN decode(TRY_CAST(x AS BLOB))"
    " ELSE x::VARCHAR END",

    "CREATE MACRO pier_text_part(x) AS CASE"
    " WHEN typeof(x) LIKE '%[]' OR typeof(x) LIKE 'STRUCT(%' OR typeof(x) LIKE 'MAP(%' THEN"
    " error('[UNSUPPORTED_FEATURE] concat of a nested column is not offered by the local workspace')"
    " ELSE pier_text(x) END",

    "CREATE MACRO pier_binary(x) AS CASE WHEN typeof(x) = 'VARCHAR' THEN encode(x::VARCHAR)"
    " WHEN typeof(x) = 'BLOB' THEN TRY_CAST(x AS BLOB)"
    " ELSE error('[DATATYPE_MISMATCH] cannot cast to BINARY') END",

    "CREATE MACRO pier_item(x, i) AS CASE WHEN typeof(x) LIKE 'MAP(%' THEN error('[UNSUPPORTED_FEATURE] a map''s value "
    "by a key that is no text is not offered by the local workspace')"
    " WHEN i < 0 OR i >= len(x) THEN error('[INVALID_ARRAY_INDEX] The index ' || i || ' is out of bounds. The array "
    "has '"
    " || len(x) || ' elements. Use the SQL function `get()` to tolerate accessing element at invalid index and return "
    "NULL instead.') ELSE x[i + 1] END",
};

} // namespace

std::span<const std::string_view> prelude_statements() {
  return k_statements;
}

} // namespace pier::lake

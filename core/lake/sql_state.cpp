#include "core/lake/statement.hpp"

#include <algorithm>
#include <array>

namespace pier::lake {
namespace {

struct State {
  std::string_view error_class; ///< without its sub-class
  std::string_view state;
};

// Spark's error-conditions.json.
constexpr std::array k_states{
    State{"AMBIGUOUS_REFERENCE", "42704"},
    State{"ARITHMETIC_OVERFLOW", "22003"},
    State{"CAST_INVALID_INPUT", "22018"},
    State{"CAST_OVERFLOW", "22003"},
    State{"COLUMN_ALREADY_EXISTS", "42711"},
    State{"DATATYPE_MISMATCH", "42K09"},
    State{"DELTA_CONCURRENT_MODIFICATION", "2D521"},
    State{"DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE", "21506"},
    State{"DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502"},
    State{"DELTA_TABLE_NOT_FOUND", "42P01"},
    State{"DELTA_VERSION_NOT_FOUND", "22003"},
    State{"DISK_FULL", "53100"},
    State{"DIVIDE_BY_ZERO", "22012"},
    State{"FAILED_READ_FILE", "KD001"},
    State{"INLINE_RESULT_TOO_LARGE", "54000"},
    State{"INSERT_COLUMN_ARITY_MISMATCH", "21S01"},
    State{"INSUFFICIENT_PERMISSIONS", "42501"},
    State{"INTERNAL_ERROR", "XX000"},
    State{"INVALID_ARRAY_INDEX", "22003"},
    State{"MISSING_AGGREGATION", "42803"},
    State{"NUM_COLUMNS_MISMATCH", "42826"},
    State{"OPERATION_CANCELED", "HY008"},
    State{"PARSE_SYNTAX_ERROR", "42601"},
    State{"PATH_NOT_FOUND", "42K03"},
    State{"SCHEMA_ALREADY_EXISTS", "42P06"},
    State{"SCHEMA_NOT_FOUND", "42704"},
    State{"TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"},
    State{"TABLE_OR_VIEW_NOT_FOUND", "42P01"},
    State{"UNBOUND_SQL_PARAMETER", "42P02"},
    State{"UNRESOLVABLE_TABLE_VALUED_FUNCTION", "42883"},
    State{"UNRESOLVED_COLUMN", "42703"},
    State{"UNRESOLVED_ROUTINE", "42883"},
    State{"UNSUPPORTED_DATATYPE", "0A000"},
    State{"UNSUPPORTED_FEATURE", "0A000"},
    State{"USER_RAISED_EXCEPTION", "P0001"},
    State{"WRONG_NUM_ARGS", "42605"},
};

} // namespace

std::string_view sql_state_of(std::string_view error_class) {
  const auto name = error_class.substr(0, error_class.find('.'));
  const auto* const found =
      std::find_if(k_states.begin(), k_states.end(), [&](const State& entry) { return entry.error_class == name; });
  return found == k_states.end() ? std::string_view() : found->state;
}

} // namespace pier::lake

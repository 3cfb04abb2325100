#include "core/base/text.hpp"
#include "core/lake/engine/engine.hpp"

#include "core/lake/engine/duckdb_api.inc"

#include <array>

namespace pier::lake {
namespace {

/// How the engine's messages begin and what they mean in the SQL dialect; `contains` narrows.
struct Rule {
  std::string_view prefix;
  std::string_view contains;
  ErrorKind kind;
  std::string_view error_class;
};

constexpr std::array k_rules{
    Rule{"INTERRUPT Error", "", ErrorKind::interrupted, "OPERATION_CANCELED"},
    Rule{"Conversion Error", "out of range", ErrorKind::invalid_argument, "CAST_OVERFLOW"},
    Rule{"Conversion Error", "", ErrorKind::invalid_argument, "CAST_INVALID_INPUT"},
    Rule{"Out of Range Error", "", ErrorKind::invalid_argument, "ARITHMETIC_OVERFLOW"},
    Rule{"Binder Error", "Referenced column", ErrorKind::invalid_argument, "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
    Rule{"Binder Error", "Referenced table", ErrorKind::invalid_argument, "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
    Rule{"Binder Error", "does not have a column named", ErrorKind::invalid_argument,
         "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
    Rule{"Binder Error", "cannot be referenced before it is defined", ErrorKind::invalid_argument,
         "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
    Rule{"Binder Error", "Ambiguous reference", ErrorKind::invalid_argument, "AMBIGUOUS_REFERENCE"},
    Rule{"Binder Error", "must appear in the GROUP BY", ErrorKind::invalid_argument, "MISSING_AGGREGATION"},
    Rule{"Binder Error", "No function matches", ErrorKind::invalid_argument, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
    Rule{"Binder Error", "Set operations can only apply", ErrorKind::invalid_argument, "NUM_COLUMNS_MISMATCH"},
    Rule{"Binder Error", "aggregate function calls cannot be nested", ErrorKind::invalid_argument,
         "NESTED_AGGREGATE_FUNCTION"},
    Rule{"Binder Error", "", ErrorKind::invalid_argument, "DATATYPE_MISMATCH"},
    Rule{"Catalog Error", "Function with name", ErrorKind::invalid_argument, "UNRESOLVED_ROUTINE"},
    Rule{"Catalog Error", "", ErrorKind::invalid_argument, "TABLE_OR_VIEW_NOT_FOUND"},
    Rule{"Parser Error", "", ErrorKind::invalid_argument, "PARSE_SYNTAX_ERROR"},
    Rule{"Out of Memory Error", "", ErrorKind::invalid_state, "OUT_OF_MEMORY"},
    Rule{"IO Error", "No space left", ErrorKind::io, "DISK_FULL"},
    Rule{"IO Error", "File too large", ErrorKind::io, "DISK_FULL"}, // ulimit -f
    Rule{"IO Error", "", ErrorKind::io, "FAILED_READ_FILE"},
    Rule{"Permission Error", "", ErrorKind::permission_denied, "INSUFFICIENT_PERMISSIONS"},
    Rule{"Not implemented Error", "", ErrorKind::unsupported, "UNSUPPORTED_FEATURE"},
    Rule{"INTERNAL Error", "", ErrorKind::internal, "INTERNAL_ERROR"},
    Rule{"FATAL Error", "", ErrorKind::internal, "INTERNAL_ERROR"},
};

/// "[CLASS] text" as our own guards raise it through error().
bool split_class(std::string_view text, Error& error) {
  const auto end = text.find("] ");
  if (!text.starts_with('[') || end == std::string_view::npos) {
    return false;
  }
  error.code = text.substr(1, end - 1);
  error.message = text.substr(end + 2);
  return true;
}

} // namespace

Error engine_error(const char* message) {
  const std::string_view text = message == nullptr ? "Unknown Error: no message" : message;
  const auto colon = text.find(": ");
  const auto prefix = text.substr(0, colon);
  auto rest = colon == std::string_view::npos ? text : text.substr(colon + 2);
  // The engine adds an excerpt of the SQL it got, which is not what the user wrote.
  if (const auto excerpt = rest.find("\n\nLINE "); excerpt != std::string_view::npos) {
    rest = rest.substr(0, excerpt);
  }
  if (const auto place = rest.find("Candidate functions"); place != std::string_view::npos) {
    rest = rest.substr(0, rest.find_last_not_of("\n\t ", place - 1) + 1);
  }
  Error error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::string(rest)};
  if (split_class(rest, error)) {
    return error;
  }
  for (const auto& rule : k_rules) {
    if (prefix == rule.prefix && rest.find(rule.contains) != std::string_view::npos) {
      error.kind = rule.kind;
      error.code = rule.error_class;
      break;
    }
  }
  return error;
}

} // namespace pier::lake

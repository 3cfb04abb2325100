#include "core/model/table_name.hpp"

#include "core/base/text.hpp"

#include <vector>

namespace pier::model {
namespace {

/// Splits at dots outside backticks; false for an unfinished backtick.
bool split_parts(std::string_view text, std::vector<std::string>& parts) {
  bool quoted = false;
  parts.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '`') {
        parts.back() += '`';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (text[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return !quoted;
}

bool is_part(std::string_view part) {
  return !part.empty() && part.size() <= 255 && part.find_first_of("./ \t\n") == std::string_view::npos;
}

} // namespace

Result<TableName> TableName::parse(std::string_view text) {
  std::vector<std::string> parts;
  if (!split_parts(text, parts) || parts.size() != 3 || !is_part(parts[0]) || !is_part(parts[1]) ||
      !is_part(parts[2])) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER0201",
                 .message = "'" + std::string(text) + "' is not a table name",
                 .hint = "write catalog.schema.table"};
  }
  return TableName{to_lower(parts[0]), to_lower(parts[1]), to_lower(parts[2])};
}

} // namespace pier::model

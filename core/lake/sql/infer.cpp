#include "core/base/text.hpp"
#include "core/lake/sql/emitter.hpp"
#include "core/lake/sql/functions.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {

/// The one visible column of that name; null when there is none or more than one.
const Field* Emitter::find_column(const NameParts& name) const {
  if (name.empty() || name.size() > 2) {
    return nullptr;
  }
  const Field* found = nullptr;
  for (const auto& relation : visible_) {
    if (name.size() == 2 && !equals_ignore_case(relation.alias, name[0])) {
      continue;
    }
    for (const auto& field : relation.columns) {
      if (equals_ignore_case(field.name, name.back())) {
        if (found != nullptr) {
          return nullptr;
        }
        found = &field;
      }
    }
  }
  return found;
}

namespace {

std::optional<TypeKind> function_type(const std::string& name) {
  constexpr std::array<std::string_view, 10> k_dates{"current_date", "curdate",  "date",      "to_date",    "date_add",
                                                     "date_sub",     "last_day", "make_date", "add_months", "trunc"};
  constexpr std::array<std::string_view, 8> k_instants{"current_timestamp", "now",         "timestamp",
                                                       "to_timestamp",      "date_trunc",  "make_timestamp",
                                                       "dateadd",           "timestampadd"};
  constexpr std::array<std::string_view, 22> k_texts{
      "upper",       "lower",     "ucase",  "lcase",          "trim",           "ltrim", "rtrim", "concat",
      "concat_ws",   "substring", "substr", "left",           "right",          "lpad",  "rpad",  "replace",
      "date_format", "md5",       "string", "regexp_replace", "regexp_extract", "repeat"};
  constexpr std::array<std::string_view, 10> k_integers{"year",   "month",  "day",      "hour",  "minute",
                                                        "second", "length", "datediff", "count", "int"};
  const auto in = [&](const auto& names) {
    return std::find(names.begin(), names.end(), std::string_view(name)) != names.end();
  };
  return in(k_dates)      ? std::optional(TypeKind::date)
         : in(k_instants) ? std::optional(TypeKind::timestamp)
         : in(k_texts)    ? std::optional(TypeKind::string)
         : in(k_integers) ? std::optional(TypeKind::int64)
                          : std::nullopt;
}

} // namespace

/// What can be said of an expression's type without asking the engine.
std::optional<TypeKind> Emitter::type_of(const Expression& expression) const {
  switch (expression.kind) {
  case ExpressionKind::text: return TypeKind::string;
  case ExpressionKind::number:
    return expression.text.find_first_not_of("0123456789") == std::string::npos ? std::optional(TypeKind::int64)
                                                                                : std::nullopt;
  case ExpressionKind::typed:
    return expression.text == "DATE"            ? TypeKind::date
           : expression.text == "X"             ? TypeKind::binary
           : expression.text == "TIMESTAMP_NTZ" ? TypeKind::timestamp_ntz
                                                : TypeKind::timestamp;
  case ExpressionKind::cast: return expression.type.kind;
  case ExpressionKind::column: {
    if (const auto* field = find_column(expression.name)) {
      return field->type.kind;
    }
    return expression.name.size() == 1 ? function_type(to_lower(expression.name[0])) : std::nullopt;
  }
  case ExpressionKind::function:
    if ((expression.text == "date_add" || expression.text == "dateadd" || expression.text == "datediff") &&
        expression.arguments.size() == 3) {
      return expression.text == "datediff" ? TypeKind::int64 : TypeKind::timestamp;
    }
    return function_type(expression.text);
  case ExpressionKind::binary:
    if (expression.text == "||") {
      return TypeKind::string;
    }
    if (expression.arguments.size() == 2 && expression.arguments[1]->kind == ExpressionKind::interval) {
      const auto left = type_of(*expression.arguments[0]);
      return left == TypeKind::date ? std::nullopt : left;
    }
    return std::nullopt;
  default: return std::nullopt;
  }
}

} // namespace pier::lake::sql

#include "core/base/text.hpp"
#include "core/lake/engine/engine.hpp"
#include "core/lake/sql/emitter.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {
namespace {

struct Unit {
  std::string_view name; ///< singular
  std::string_view function;
  bool whole_days;
};

constexpr std::array k_units{
    Unit{"YEAR", "to_years", true},
    Unit{"MONTH", "to_months", true},
    Unit{"WEEK", "to_weeks", true},
    Unit{"DAY", "to_days", true},
    Unit{"HOUR", "to_hours", false},
    Unit{"MINUTE", "to_minutes", false},
    Unit{"SECOND", "to_seconds", false},
    Unit{"MILLISECOND", "to_milliseconds", false},
    Unit{"MICROSECOND", "to_microseconds", false},
};

const Unit& unit_of(const std::string& upper) {
  const auto singular = upper.ends_with('S') ? upper.substr(0, upper.size() - 1) : upper;
  return *std::find_if(k_units.begin(), k_units.end() - 1, [&](const Unit& unit) { return unit.name == singular; });
}

bool is_whole_days(const Expression& interval) {
  return std::all_of(interval.name.begin(), interval.name.end(),
                     [](const std::string& unit) { return unit_of(unit).whole_days; });
}

/// A date plus whole days stays a date; the engine would make a timestamp of it.
std::string shift(const std::string& moment, std::optional<TypeKind> type, const Expression& interval,
                  const std::string& text) {
  if (type == TypeKind::date && is_whole_days(interval)) {
    return "CAST(" + text + " AS DATE)";
  }
  if (type == TypeKind::date) {
    return "CAST(" + text + " AS TIMESTAMPTZ)";
  }
  if (type) {
    return text;
  }
  return "CASE WHEN typeof(" + moment +
         ") = 'DATE' THEN error('[UNSUPPORTED_FEATURE] an interval added to a date of "
         "a derived column is not offered by the local workspace: use date_add or cast it first') ELSE " +
         text + " END";
}

bool is_integer_type(TypeKind kind) {
  return kind == TypeKind::int8 || kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

} // namespace

Error unsupported(std::string what) {
  return Error{.kind = ErrorKind::unsupported,
               .code = "UNSUPPORTED_FEATURE",
               .message = std::move(what) + " is not offered by the local workspace"};
}

bool is_nonzero_number(const Expression& expression) {
  return expression.kind == ExpressionKind::number && expression.text.find_first_of("123456789") != std::string::npos;
}

Result<std::string> Emitter::expression(const Expression& expression) {
  switch (expression.kind) {
  case ExpressionKind::number: return number(expression);
  case ExpressionKind::text: return quote_text(expression.text);
  case ExpressionKind::null: return std::string("NULL");
  case ExpressionKind::boolean: return expression.text;
  case ExpressionKind::typed: return typed(expression);
  case ExpressionKind::interval: return interval(expression);
  case ExpressionKind::column: return column(expression);
  case ExpressionKind::star: return star(expression);
  case ExpressionKind::parameter: return parameter(expression);
  case ExpressionKind::unary: return unary(expression);
  case ExpressionKind::binary: return binary(expression);
  case ExpressionKind::function: return function(expression);
  case ExpressionKind::cast: return cast(expression);
  case ExpressionKind::case_when: return case_when(expression);
  case ExpressionKind::in_list:
  case ExpressionKind::in_query: return in(expression);
  case ExpressionKind::like: return like(expression);
  case ExpressionKind::subscript: return subscript(expression);
  case ExpressionKind::lambda: return lambda(expression);
  case ExpressionKind::extract: return extract(expression);
  default: break;
  }
  if (expression.kind == ExpressionKind::exists || expression.kind == ExpressionKind::query) {
    PIER_TRY_ASSIGN(const auto inner, query(*expression.query));
    return std::string(expression.kind == ExpressionKind::exists ? "EXISTS (" : "(") + inner + ")";
  }
  std::vector<std::string> parts;
  for (const auto& argument : expression.arguments) {
    PIER_TRY_ASSIGN(auto text, this->expression(*argument));
    parts.push_back(std::move(text));
  }
  const std::string negation = expression.flag ? " NOT" : "";
  switch (expression.kind) {
  case ExpressionKind::between: return "(" + parts[0] + negation + " BETWEEN " + parts[1] + " AND " + parts[2] + ")";
  case ExpressionKind::is: return "(" + parts[0] + " IS" + negation + " " + expression.text + ")";
  case ExpressionKind::is_distinct: return "(" + parts[0] + " IS" + negation + " DISTINCT FROM " + parts[1] + ")";
  case ExpressionKind::member: return "(" + parts[0] + ")." + quote_identifier(expression.text);
  case ExpressionKind::tuple: return "(" + join(parts, ", ") + ")";
  default: return unsupported("this expression");
  }
}

Result<std::string> Emitter::typed(const Expression& expression) {
  const auto value = quote_text(expression.name[0]);
  if (expression.text == "DATE") {
    return "CAST(" + value + " AS DATE)";
  }
  if (expression.text == "X") {
    return "unhex(" + value + ")";
  }
  return "CAST(" + value + (expression.text == "TIMESTAMP_NTZ" ? " AS TIMESTAMP)" : " AS TIMESTAMPTZ)");
}

Result<std::string> Emitter::interval(const Expression& expression) {
  std::string out;
  for (std::size_t i = 0; i < expression.arguments.size(); ++i) {
    const auto& unit = unit_of(expression.name[i]);
    PIER_TRY_ASSIGN(const auto amount, this->expression(*expression.arguments[i]));
    const auto type = unit.name == "SECOND" || unit.name == "MILLISECOND" ? " AS DOUBLE)" : " AS INTEGER)";
    out += (out.empty() ? "" : " + ") + std::string(unit.function) + "(CAST(" + amount + type + ")";
  }
  return "(" + out + ")";
}

Result<std::string> Emitter::column(const Expression& expression) {
  const auto& name = expression.name;
  if (name.size() == 1 && find_column(name) == nullptr) {
    if (auto value = session_value(to_lower(name[0]))) {
      return *std::move(value);
    }
  }
  // catalog.schema.table.column and schema.table.column: the engine knows only aliases.
  std::size_t first = 0;
  for (auto it = visible_.rbegin(); it != visible_.rend() && first == 0; ++it) {
    const auto& full = it->full_name;
    for (std::size_t length = 2; length <= 3 && length < name.size() && full.size() == 3; ++length) {
      bool same = true;
      for (std::size_t i = 0; i < length; ++i) {
        same = same && equals_ignore_case(full[full.size() - length + i], name[i]);
      }
      if (same) {
        first = length - 1;
      }
    }
  }
  std::string out;
  for (auto i = first; i < name.size(); ++i) {
    out += (out.empty() ? "" : ".") + quote_identifier(name[i]);
  }
  return out;
}

Result<std::string> Emitter::star(const Expression& expression) {
  std::string out = expression.name.empty() ? "*" : quote_identifier(expression.name.back()) + ".*";
  if (!expression.arguments.empty()) {
    std::string names;
    for (const auto& column : expression.arguments) {
      names += (names.empty() ? "" : ", ") + quote_identifier(column->name[0]);
    }
    out += " EXCLUDE (" + names + ")";
  }
  return out;
}

Result<std::string> Emitter::parameter(const Expression& expression) {
  for (const auto& parameter : context_.parameters) {
    if (equals_ignore_case(parameter.name, expression.text)) {
      PIER_TRY_ASSIGN(const auto type, DataType::parse(parameter.type));
      return "CAST(" + (parameter.value ? quote_text(*parameter.value) : std::string("NULL")) + " AS " +
             (type.kind == TypeKind::null ? std::string("VARCHAR") : type.to_duckdb()) + ")";
    }
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "UNBOUND_SQL_PARAMETER",
               .message = "Found the unbound parameter: " + expression.text};
}

Result<std::string> Emitter::unary(const Expression& expression) {
  PIER_TRY_ASSIGN(const auto inner, this->expression(*expression.arguments[0]));
  return "(" + expression.text + (expression.text == "NOT" ? " " : "") + inner + ")";
}

Result<std::string> Emitter::binary(const Expression& expression) {
  const auto& operation = expression.text;
  if (operation == "||") {
    return concat(expression);
  }
  std::vector<std::string> parts;
  for (const auto& argument : expression.arguments) {
    PIER_TRY_ASSIGN(auto text, this->expression(*argument));
    parts.push_back(std::move(text));
  }
  if (operation == "AND" || operation == "OR") {
    return "(" + join(parts, " " + operation + " ") + ")";
  }
  if (operation == "<=>") {
    return "(" + parts[0] + " IS NOT DISTINCT FROM " + parts[1] + ")";
  }
  if (operation == "^") {
    return "xor(" + parts[0] + ", " + parts[1] + ")";
  }
  if (operation == ">>>") {
    return unsupported("the operator >>>");
  }
  return arithmetic(expression, std::move(parts[0]), std::move(parts[1]));
}

Result<std::string> Emitter::arithmetic(const Expression& expression, std::string left, std::string right) {
  const auto& operation = expression.text;
  const auto& first = *expression.arguments[0];
  const auto& second = *expression.arguments[1];
  if (operation == "/") {
    return divide(first, second, left, right, false);
  }
  if (operation == "DIV") {
    return whole_quotient(first, second, left, right);
  }
  const auto guarded = operation == "%" && !is_nonzero_number(second) ? "pier_nonzero(" + right + ")" : right;
  const auto plain = "(" + left + " " + operation + " " + guarded + ")";
  if (const auto type = infer_binary(expression); type && type->kind == TypeKind::decimal) {
    return "CAST(" + plain + " AS " + type->to_duckdb() + ")";
  }
  if (operation != "+" && operation != "-") {
    return plain;
  }
  if (second.kind == ExpressionKind::interval) {
    return shift(left, type_of(first), second, plain);
  }
  if (first.kind == ExpressionKind::interval && operation == "+") {
    return shift(right, type_of(second), first, plain);
  }
  if (operation == "-" && type_of(first) == TypeKind::date && type_of(second) == TypeKind::date) {
    return unsupported("the difference of two dates as an interval (use datediff)");
  }
  return plain;
}

Result<std::string> Emitter::cast(const Expression& expression) {
  const auto& operand = *expression.arguments[0];
  PIER_TRY_ASSIGN(const auto value, this->expression(operand));
  const std::string verb = expression.flag ? "TRY_CAST(" : "CAST(";
  const auto kind = expression.type.kind;
  const auto known = type_of(operand);
  if (is_integer_type(kind)) {
    const bool exact = known && (is_integer_type(*known) || *known == TypeKind::boolean);
    const auto whole = exact ? value : (expression.flag ? "pier_try_whole(" : "pier_whole(") + value + ")";
    return verb + whole + " AS " + expression.type.to_duckdb() + ")";
  }
  if (kind == TypeKind::string) {
    return known == TypeKind::string ? value : "pier_text(" + value + ")";
  }
  if (kind == TypeKind::binary) {
    return "pier_binary(" + value + ")";
  }
  if (kind == TypeKind::null || kind == TypeKind::interval) {
    return unsupported("a cast to " + expression.type.to_sql());
  }
  return verb + value + " AS " + expression.type.to_duckdb() + ")";
}

Result<std::string> Emitter::case_when(const Expression& expression) {
  std::string out = "CASE";
  std::size_t i = 0;
  const auto next = [&]() { return this->expression(*expression.arguments[i++]); };
  if (expression.has_operand) {
    PIER_TRY_ASSIGN(const auto operand, next());
    out += " " + operand;
  }
  const auto end = expression.arguments.size() - (expression.has_else ? 1 : 0);
  while (i < end) {
    PIER_TRY_ASSIGN(const auto condition, next());
    PIER_TRY_ASSIGN(const auto value, next());
    out += " WHEN " + condition + " THEN " + value;
  }
  if (expression.has_else) {
    PIER_TRY_ASSIGN(const auto value, next());
    out += " ELSE " + value;
  }
  return out + " END";
}

Result<std::string> Emitter::in(const Expression& expression) {
  PIER_TRY_ASSIGN(const auto value, this->expression(*expression.arguments[0]));
  std::string members;
  if (expression.kind == ExpressionKind::in_query) {
    PIER_TRY_ASSIGN(members, query(*expression.query));
  } else {
    for (std::size_t i = 1; i < expression.arguments.size(); ++i) {
      PIER_TRY_ASSIGN(const auto member, this->expression(*expression.arguments[i]));
      members += (members.empty() ? "" : ", ") + member;
    }
  }
  return "(" + value + (expression.flag ? " NOT IN (" : " IN (") + members + "))";
}

Result<std::string> Emitter::like(const Expression& expression) {
  PIER_TRY_ASSIGN(const auto value, this->expression(*expression.arguments[0]));
  const auto& pattern = *expression.arguments[1];
  PIER_TRY_ASSIGN(const auto text, this->expression(pattern));
  const std::string negation = expression.flag ? "NOT " : "";
  if (expression.text == "RLIKE") {
    return "(" + negation + "regexp_matches(" + value + ", " + text + "))";
  }
  std::string escape;
  if (expression.arguments.size() > 2) {
    PIER_TRY_ASSIGN(const auto character, this->expression(*expression.arguments[2]));
    escape = " ESCAPE " + character;
  } else if (pattern.kind != ExpressionKind::text || pattern.text.find('\\') != std::string::npos) {
    escape = " ESCAPE '\\'"; // the dialect's default
  }
  return "(" + value + " " + negation + expression.text + " " + text + escape + ")";
}

/// x[i] counts from 0 for arrays; x['k'] looks into a map.
Result<std::string> Emitter::subscript(const Expression& expression) {
  PIER_TRY_ASSIGN(const auto value, this->expression(*expression.arguments[0]));
  PIER_TRY_ASSIGN(const auto index, this->expression(*expression.arguments[1]));
  if (expression.arguments[1]->kind == ExpressionKind::text) {
    return "(" + value + ")[" + index + "]";
  }
  return "pier_item(" + value + ", " + index + ")";
}

Result<std::string> Emitter::lambda(const Expression& expression) {
  if (expression.name.size() != 1) {
    return unsupported("a lambda with several parameters");
  }
  // Its parameter hides a column of that name: nothing is known of its type.
  push_relation("", {Field{.name = expression.name[0], .type = {.kind = TypeKind::null}}}, {});
  auto body = this->expression(*expression.arguments[0]);
  pop_relation();
  PIER_TRY(body);
  return "lambda " + quote_identifier(expression.name[0]) + ": " + *body;
}

Result<std::string> Emitter::extract(const Expression& expression) {
  PIER_TRY_ASSIGN(const auto value, this->expression(*expression.arguments[0]));
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> k_fields{{
      {"YEAR", "year"},
      {"QUARTER", "quarter"},
      {"MONTH", "month"},
      {"WEEK", "week"},
      {"DAY", "day"},
      {"DOY", "dayofyear"},
      {"HOUR", "hour"},
      {"MINUTE", "minute"},
      {"YEARS", "year"},
      {"MONTHS", "month"},
      {"DAYS", "day"},
      {"HOURS", "hour"},
      {"DAYOFWEEK_ISO", "isodow"},
      {"MINUTES", "minute"},
  }};
  for (const auto& [field, name] : k_fields) {
    if (field == expression.text) {
      return "CAST(" + std::string(name) + "(" + value + ") AS INTEGER)";
    }
  }
  if (expression.text == "DAYOFWEEK" || expression.text == "DOW") {
    return "CAST(dayofweek(" + value + ") + 1 AS INTEGER)";
  }
  if (expression.text == "SECOND" || expression.text == "SECONDS") {
    return "CAST(second(" + value + ") + (microsecond(" + value + ") % 1000000) / 1000000.0 AS DECIMAL(8,6))";
  }
  return unsupported("EXTRACT(" + expression.text + ")");
}

} // namespace pier::lake::sql

#include "core/base/text.hpp"
#include "core/lake/sql/decimal_shape.hpp"
#include "core/lake/sql/emitter.hpp"
#include "core/lake/sql/functions.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {
namespace {

using Inferred = std::optional<DataType>;

Inferred plain(TypeKind kind) {
  return DataType{.kind = kind};
}

template <std::size_t count> bool is_in(const std::string& name, const std::array<std::string_view, count>& names) {
  return std::find(names.begin(), names.end(), std::string_view(name)) != names.end();
}

/// Functions whose type does not depend on their arguments.
Inferred fixed_type(const std::string& name) {
  constexpr std::array<std::string_view, 10> k_dates{"current_date", "curdate",  "date",      "to_date",    "date_add",
                                                     "date_sub",     "last_day", "make_date", "add_months", "trunc"};
  constexpr std::array<std::string_view, 8> k_instants{"current_timestamp", "now",         "timestamp",
                                                       "to_timestamp",      "date_trunc",  "make_timestamp",
                                                       "dateadd",           "timestampadd"};
  constexpr std::array<std::string_view, 22> k_texts{
      "upper",       "lower",     "ucase",  "lcase",          "trim",           "ltrim", "rtrim", "concat",
      "concat_ws",   "substring", "substr", "left",           "right",          "lpad",  "rpad",  "replace",
      "date_format", "md5",       "string", "regexp_replace", "regexp_extract", "repeat"};
  constexpr std::array<std::string_view, 21> k_ints{
      "year",    "quarter",    "month",      "day",    "dayofmonth", "dayofyear", "dayofweek",
      "weekday", "weekofyear", "hour",       "minute", "second",     "length",    "len",
      "int",     "datediff",   "row_number", "rank",   "dense_rank", "ntile",     "size"};
  constexpr std::array<std::string_view, 5> k_longs{"count", "count_if", "approx_count_distinct", "bigint",
                                                    "unix_timestamp"};
  constexpr std::array<std::string_view, 28> k_doubles{
      "double", "sqrt",   "cbrt",        "exp",        "ln",       "log",      "log2",    "log10",     "power", "pow",
      "sign",   "signum", "sin",         "cos",        "tan",      "atan",     "atan2",   "degrees",   "pi",    "rand",
      "stddev", "std",    "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "percentile"};
  constexpr std::array<std::string_view, 4> k_shares{"median", "percent_rank", "cume_dist", "corr"};
  return is_in(name, k_dates)                              ? plain(TypeKind::date)
         : is_in(name, k_instants)                         ? plain(TypeKind::timestamp)
         : is_in(name, k_texts)                            ? plain(TypeKind::string)
         : is_in(name, k_ints)                             ? plain(TypeKind::int32)
         : is_in(name, k_longs)                            ? plain(TypeKind::int64)
         : is_in(name, k_doubles) || is_in(name, k_shares) ? plain(TypeKind::float64)
                                                           : std::nullopt;
}

Inferred number_type(const std::string& text) {
  const auto end = text.find_first_not_of("0123456789.eE+-");
  const auto digits = text.substr(0, end);
  const auto suffix = end == std::string::npos ? std::string() : to_upper(text.substr(end));
  if (suffix == "L" || suffix == "S" || suffix == "Y") {
    return plain(suffix == "L" ? TypeKind::int64 : suffix == "S" ? TypeKind::int16 : TypeKind::int8);
  }
  if (suffix == "D" || suffix == "F" || (suffix.empty() && digits.find_first_of("eE") != std::string::npos)) {
    return plain(suffix == "F" ? TypeKind::float32 : TypeKind::float64);
  }
  const auto shape = literal_shape(digits);
  if (!shape) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  if (suffix.empty() && shape->scale == 0 && digits.find('.') == std::string::npos && parse_int64(digits, value)) {
    return plain(value <= INT32_MAX ? TypeKind::int32 : TypeKind::int64);
  }
  return decimal_type(*shape);
}

} // namespace

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

std::optional<TypeKind> Emitter::type_of(const Expression& expression) const {
  const auto type = infer(expression);
  return type ? std::optional(type->kind) : std::nullopt;
}

/// What can be said of an expression's type without asking the engine.
std::optional<DataType> Emitter::infer(const Expression& expression) const {
  switch (expression.kind) {
  case ExpressionKind::text: return plain(TypeKind::string);
  case ExpressionKind::number: return number_type(expression.text);
  case ExpressionKind::typed:
    return plain(expression.text == "DATE"            ? TypeKind::date
                 : expression.text == "X"             ? TypeKind::binary
                 : expression.text == "TIMESTAMP_NTZ" ? TypeKind::timestamp_ntz
                                                      : TypeKind::timestamp);
  case ExpressionKind::cast: return expression.type;
  case ExpressionKind::boolean:
  case ExpressionKind::in_list:
  case ExpressionKind::in_query:
  case ExpressionKind::exists:
  case ExpressionKind::between:
  case ExpressionKind::like:
  case ExpressionKind::is:
  case ExpressionKind::is_distinct: return plain(TypeKind::boolean);
  case ExpressionKind::column: {
    if (const auto* field = find_column(expression.name)) {
      return field->type.kind == TypeKind::null ? std::nullopt : std::optional(field->type);
    }
    // Words that need no brackets; every other name may be a column that is not known here.
    const auto word = to_lower(expression.name.back());
    return expression.name.size() == 1 && word.starts_with("current_") ? fixed_type(word) : std::nullopt;
  }
  case ExpressionKind::unary:
    return expression.text == "NOT" ? plain(TypeKind::boolean) : infer(*expression.arguments[0]);
  case ExpressionKind::binary: return infer_binary(expression);
  case ExpressionKind::case_when: {
    std::vector<const Expression*> values;
    const std::size_t first = expression.has_operand ? 2 : 1;
    for (auto i = first; i < expression.arguments.size(); i += 2) {
      values.push_back(expression.arguments[i].get());
    }
    if (expression.has_else && (values.empty() || values.back() != expression.arguments.back().get())) {
      values.push_back(expression.arguments.back().get());
    }
    return infer_common(values);
  }
  case ExpressionKind::function: return infer_function(expression);
  default: return std::nullopt;
  }
}

std::optional<DataType> Emitter::infer_common(const std::vector<const Expression*>& values) const {
  Inferred out;
  for (const auto* value : values) {
    if (value->kind == ExpressionKind::null) {
      continue;
    }
    const auto type = infer(*value);
    if (!type) {
      return std::nullopt;
    }
    out = out ? wider_type(*out, *type) : type;
    if (!out) {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<DataType> Emitter::infer_binary(const Expression& expression) const {
  const auto& operation = expression.text;
  if (operation == "||") {
    return plain(TypeKind::string);
  }
  if (operation == "+" || operation == "-" || operation == "*" || operation == "/" || operation == "%") {
    if (expression.arguments[1]->kind == ExpressionKind::interval) {
      auto left = infer(*expression.arguments[0]);
      return left && left->kind == TypeKind::date ? std::nullopt : left;
    }
    return infer_arithmetic(operation, *expression.arguments[0], *expression.arguments[1]);
  }
  if (operation == "DIV") {
    return plain(TypeKind::int64);
  }
  constexpr std::array<std::string_view, 11> k_conditions{
      "AND", "OR", "=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>"};
  return is_in(operation, k_conditions) ? plain(TypeKind::boolean) : std::nullopt;
}

/// An integer literal beside a decimal counts with just its digits.
std::optional<DecimalShape> Emitter::operand_shape(const Expression& operand) const {
  const auto type = infer(operand);
  if (!type) {
    return std::nullopt;
  }
  return operand.kind == ExpressionKind::number && type->kind != TypeKind::decimal && is_exact(type->kind)
             ? literal_shape(operand.text.substr(0, operand.text.find_first_not_of("0123456789")))
             : exact_shape(*type);
}

std::optional<DataType> Emitter::infer_arithmetic(const std::string& operation, const Expression& left,
                                                  const Expression& right) const {
  const auto first = infer(left);
  const auto second = infer(right);
  if (!first || !second || !is_number(first->kind) || !is_number(second->kind)) {
    return std::nullopt;
  }
  if (!is_exact(first->kind) || !is_exact(second->kind)) {
    const bool singles = operation != "/" && first->kind != TypeKind::float64 && second->kind != TypeKind::float64 &&
                         first->kind != TypeKind::decimal && second->kind != TypeKind::decimal;
    return plain(singles ? TypeKind::float32 : TypeKind::float64);
  }
  if (first->kind != TypeKind::decimal && second->kind != TypeKind::decimal) {
    return operation == "/" ? plain(TypeKind::float64) : wider_type(*first, *second);
  }
  const auto a = operand_shape(left);
  const auto b = operand_shape(right);
  return a && b ? std::optional(decimal_type(result_shape(operation.front(), *a, *b))) : std::nullopt;
}

std::optional<DataType> Emitter::infer_function(const Expression& call) const {
  const auto& name = call.text;
  const auto count = call.arguments.size();
  if ((name == "date_add" || name == "dateadd" || name == "datediff") && count == 3) {
    return plain(name == "datediff" ? TypeKind::int64 : TypeKind::timestamp);
  }
  if (count == 2 && name.starts_with("try_")) {
    const auto* operation = name == "try_add"        ? "+"
                            : name == "try_subtract" ? "-"
                            : name == "try_multiply" ? "*"
                            : name == "try_divide"   ? "/"
                                                     : "";
    return *operation == '\0' ? std::nullopt : infer_arithmetic(operation, *call.arguments[0], *call.arguments[1]);
  }
  constexpr std::array<std::string_view, 13> k_same{"min",      "max",      "first",       "last",       "any_value",
                                                    "abs",      "negative", "first_value", "last_value", "nth_value",
                                                    "positive", "nullif",   "zeroifnull"};
  if ((is_in(name, k_same) || name == "lag" || name == "lead") && count > 0) {
    return infer(*call.arguments[0]);
  }
  constexpr std::array<std::string_view, 5> k_common{"coalesce", "nvl", "ifnull", "greatest", "least"};
  const bool chooses = (name == "if" || name == "iff" || name == "nvl2") && count == 3;
  if ((is_in(name, k_common) || chooses) && count > 0) {
    std::vector<const Expression*> values;
    for (std::size_t i = chooses ? 1 : 0; i < count; ++i) {
      values.push_back(call.arguments[i].get());
    }
    return infer_common(values);
  }
  if ((name == "sum" || name == "avg" || name == "mean") && count == 1) {
    const auto type = infer(*call.arguments[0]);
    if (!type || !is_number(type->kind)) {
      return std::nullopt;
    }
    if (type->kind == TypeKind::decimal) {
      return decimal_type(name == "sum" ? sum_shape(*exact_shape(*type)) : average_shape(*exact_shape(*type)));
    }
    return plain(name == "sum" && is_exact(type->kind) ? TypeKind::int64 : TypeKind::float64);
  }
  constexpr std::array<std::string_view, 5> k_rounding{"round", "bround", "ceil", "ceiling", "floor"};
  if (is_in(name, k_rounding) && count > 0) {
    const auto type = infer(*call.arguments[0]);
    const bool whole = name != "round" && name != "bround";
    if (!type || type->kind != TypeKind::decimal) {
      return whole ? plain(TypeKind::int64) : type;
    }
    const auto digits = whole || count == 1 ? std::optional(0) : literal_digits(*call.arguments[1]);
    return digits ? std::optional(decimal_type(rounded_shape(*exact_shape(*type), *digits))) : std::nullopt;
  }
  return fixed_type(name);
}

} // namespace pier::lake::sql

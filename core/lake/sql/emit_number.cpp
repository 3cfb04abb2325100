#include "core/base/text.hpp"
#include "core/lake/sql/decimal_shape.hpp"
#include "core/lake/sql/emitter.hpp"

#include <array>

// Numbers whose type or last digit differs between the engine and the platform. Where the type of an operand is
// not known here, the engine refuses decimals (or floats) when it comes to them: pier_no_decimal, pier_no_float.

namespace pier::lake::sql {
namespace {

std::string cast_to(const std::string& value, const DataType& type) {
  return "CAST(" + value + " AS " + type.to_duckdb() + ")";
}

/// All 38 digits, at the operand's own scale.
std::string widened(const std::string& value, int scale) {
  return cast_to(value, decimal_type({.precision = 38, .scale = scale}));
}

/// The exact quotient of two decimals, rounded to the scale of `type`.
std::string quotient(const std::string& left, int left_scale, const std::string& right, int right_scale,
                     const DataType& type) {
  return cast_to("pier_div_" + std::to_string(type.scale) + "(" + widened(left, left_scale) + ", " +
                     widened(right, right_scale) + ")",
                 type);
}

/// 10^-digits as a literal: "0.01", "1", "100".
std::string unit_literal(int digits) {
  return digits > 0 ? "0." + std::string(static_cast<std::size_t>(digits - 1), '0') + "1"
                    : "1" + std::string(static_cast<std::size_t>(-digits), '0');
}

/// A tie goes to the even neighbour: the engine rounded it away from zero.
std::string ties_to_even(const std::string& value, const std::string& rounded, int digits) {
  const auto unit = unit_literal(digits);
  const auto half = digits >= 0 ? "0." + std::string(static_cast<std::size_t>(digits), '0') + "5"
                                : "5" + std::string(static_cast<std::size_t>(-digits - 1), '0');
  const int scale = std::max(digits, 0);
  return "CASE WHEN abs(" + rounded + " - " + value + ") = " + half + " AND pier_div_0(" + widened(rounded, scale) +
         ", " + widened(unit, scale) + ") % 2 <> 0 THEN " + rounded + " - sign(" + value + ") * " + unit + " ELSE " +
         rounded + " END";
}

} // namespace

std::optional<int> literal_digits(const Expression& expression) {
  if (expression.kind == ExpressionKind::unary && expression.text == "-") {
    const auto digits = literal_digits(*expression.arguments[0]);
    return digits ? std::optional(-*digits) : std::nullopt;
  }
  std::int64_t value = 0;
  constexpr std::int64_t k_most = 38;
  if (expression.kind != ExpressionKind::number || !parse_int64(expression.text, value) || value > k_most) {
    return std::nullopt;
  }
  return static_cast<int>(value);
}

/// Suffixes: L S Y are integers, D F floats, BD decimals; an exponent makes a double.
Result<std::string> Emitter::number(const Expression& expression) {
  const auto end = expression.text.find_first_not_of("0123456789.eE+-");
  auto digits = expression.text.substr(0, end);
  const auto suffix = end == std::string::npos ? std::string() : to_upper(expression.text.substr(end));
  if (digits.ends_with('.')) {
    digits += '0';
  }
  if (suffix.empty()) {
    const bool huge = digits.size() > 18 && digits.find_first_of(".eE") == std::string::npos;
    return huge && digits.size() <= 38 ? "CAST(" + digits + " AS DECIMAL(" + std::to_string(digits.size()) + ",0))"
                                       : digits;
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> k_types{
      {{"L", "BIGINT"}, {"S", "SMALLINT"}, {"Y", "TINYINT"}, {"D", "DOUBLE"}, {"F", "FLOAT"}}};
  for (const auto& [letter, type] : k_types) {
    if (letter == suffix) {
      return "CAST(" + digits + " AS " + std::string(type) + ")";
    }
  }
  if (suffix == "BD") {
    return digits;
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PARSE_SYNTAX_ERROR",
               .message = "Invalid numeric literal '" + expression.text + "'"};
}

Result<std::string> Emitter::divide(const Expression& left, const Expression& right, const std::string& left_text,
                                    const std::string& right_text, bool null_on_zero) {
  const auto type = infer_arithmetic("/", left, right);
  if (type && type->kind == TypeKind::decimal) {
    return quotient(left_text, operand_shape(left)->scale, null_on_zero ? "nullif(" + right_text + ", 0)" : right_text,
                    operand_shape(right)->scale, *type);
  }
  const auto divisor = null_on_zero               ? "nullif(" + right_text + ", 0)"
                       : is_nonzero_number(right) ? right_text
                                                  : "pier_nonzero(" + right_text + ")";
  return type ? "(" + left_text + " / " + divisor + ")"
              : "(pier_no_decimal(" + left_text + ") / pier_no_decimal(" + divisor + "))";
}

Result<std::string> Emitter::whole_quotient(const Expression& left, const Expression& right,
                                            const std::string& left_text, const std::string& right_text) {
  const auto type = infer_arithmetic("/", left, right);
  const auto first = infer(left);
  if (type && (type->kind == TypeKind::decimal || !is_exact(first->kind) || !is_exact(infer(right)->kind))) {
    return unsupported("DIV of numbers that are no integers");
  }
  const auto divisor = is_nonzero_number(right) ? right_text : "pier_nonzero(" + right_text + ")";
  return type ? "CAST(" + left_text + " // " + divisor + " AS BIGINT)"
              : "CAST(pier_integer(" + left_text + ") // pier_integer(" + divisor + ") AS BIGINT)";
}

/// Calls whose meaning depends on the type of a number; nothing when a plain rule does.
Result<std::optional<std::string>> Emitter::number_function(const Expression& call) {
  const auto& name = call.text;
  const auto count = call.arguments.size();
  if ((name == "sum" || name == "avg" || name == "mean") && count == 1) {
    return decimal_aggregate(call);
  }
  if (name == "try_divide" && count == 2) {
    PIER_TRY_ASSIGN(const auto left, expression(*call.arguments[0]));
    PIER_TRY_ASSIGN(const auto right, expression(*call.arguments[1]));
    PIER_TRY_ASSIGN(auto text, divide(*call.arguments[0], *call.arguments[1], left, right, true));
    return std::optional(std::move(text));
  }
  if ((name == "round" || name == "bround") && (count == 1 || count == 2)) {
    return rounding(call);
  }
  if ((name == "ceil" || name == "ceiling" || name == "floor") && count == 1) {
    const auto type = infer(call);
    if (type && type->kind == TypeKind::decimal) {
      PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[0]));
      return std::optional(cast_to((name == "floor" ? "floor(" : "ceil(") + value + ")", *type));
    }
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> Emitter::decimal_aggregate(const Expression& call) {
  const auto type = infer(call);
  const bool average = call.text != "sum";
  if (type ? type->kind != TypeKind::decimal : !average) {
    return std::optional<std::string>(); // the engine's own; a sum of decimals is exact whatever their type
  }
  PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[0]));
  PIER_TRY_ASSIGN(const auto suffix, call_suffix(call, ""));
  const std::string distinct = call.distinct ? "DISTINCT " : "";
  if (!type) {
    return std::optional("avg(" + distinct + "pier_no_decimal(" + value + "))" + suffix);
  }
  const auto sum = "sum(" + distinct + value + ")" + suffix;
  if (!average) {
    return std::optional(cast_to(sum, *type));
  }
  const auto shape = *exact_shape(*infer(*call.arguments[0]));
  return std::optional(quotient(sum, shape.scale, "count(" + distinct + value + ")" + suffix, 0, *type));
}

Result<std::optional<std::string>> Emitter::rounding(const Expression& call) {
  const auto& operand = *call.arguments[0];
  PIER_TRY_ASSIGN(const auto value, expression(operand));
  std::string digits_text = "0";
  if (call.arguments.size() == 2) {
    PIER_TRY_ASSIGN(digits_text, expression(*call.arguments[1]));
  }
  const auto digits = call.arguments.size() == 2 ? literal_digits(*call.arguments[1]) : std::optional(0);
  const bool to_even = call.text == "bround";
  const auto type = infer(operand);
  if (type && (type->kind == TypeKind::float64 || type->kind == TypeKind::float32)) {
    const auto rounded = std::string(to_even ? "pier_bround" : "pier_round") + "(CAST(" + value + " AS DOUBLE), CAST(" +
                         digits_text + " AS INTEGER))";
    return std::optional(type->kind == TypeKind::float32 ? cast_to(rounded, *type) : rounded);
  }
  if (type && type->kind == TypeKind::decimal && digits) {
    const auto shape = *exact_shape(*type);
    // One digit more before rounding: 99.9 becomes 100.
    const auto room =
        cast_to(value, decimal_type({.precision = std::min(shape.precision + 1, 38), .scale = shape.scale}));
    auto rounded = "round(" + room + ", " + std::to_string(*digits) + ")";
    if (to_even && *digits < shape.scale) {
      rounded = ties_to_even(room, rounded, *digits);
    }
    return std::optional(cast_to(rounded, decimal_type(rounded_shape(shape, *digits))));
  }
  const bool integer = type && is_exact(type->kind) && type->kind != TypeKind::decimal;
  if (integer && digits && *digits >= 0) {
    return std::optional(value);
  }
  if ((type && type->kind == TypeKind::decimal) || to_even) {
    return unsupported(call.text + " of this argument to this number of digits");
  }
  return std::optional("round(" + (integer ? value : "pier_no_float(" + value + ")") + ", " + digits_text + ")");
}

} // namespace pier::lake::sql

#include "core/lake/sql/decimal_shape.hpp"

#include <algorithm>

namespace pier::lake::sql {
namespace {

constexpr int k_max_precision = 38;
constexpr int k_kept_scale = 6;

DecimalShape adjusted(int precision, int scale) {
  if (precision <= k_max_precision) {
    return {.precision = precision, .scale = scale};
  }
  const int whole = precision - scale;
  return {.precision = k_max_precision, .scale = std::max(k_max_precision - whole, std::min(scale, k_kept_scale))};
}

DecimalShape bounded(int precision, int scale) {
  return {.precision = std::min(precision, k_max_precision), .scale = std::min(scale, k_max_precision)};
}

} // namespace

bool is_exact(TypeKind kind) {
  return kind == TypeKind::int8 || kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64 ||
         kind == TypeKind::decimal;
}

bool is_number(TypeKind kind) {
  return is_exact(kind) || kind == TypeKind::float32 || kind == TypeKind::float64;
}

std::optional<DecimalShape> exact_shape(const DataType& type) {
  switch (type.kind) {
  case TypeKind::int8: return DecimalShape{.precision = 3};
  case TypeKind::int16: return DecimalShape{.precision = 5};
  case TypeKind::int32: return DecimalShape{.precision = 10};
  case TypeKind::int64: return DecimalShape{.precision = 20};
  case TypeKind::decimal: return DecimalShape{.precision = type.precision, .scale = type.scale};
  default: return std::nullopt;
  }
}

std::optional<DecimalShape> literal_shape(std::string_view digits) {
  const auto point = std::min(digits.find('.'), digits.size());
  const auto whole = digits.substr(0, point);
  const auto first = std::min(whole.find_first_not_of('0'), whole.size());
  const auto scale = point < digits.size() ? digits.size() - point - 1 : 0;
  const auto precision = std::max<std::size_t>(whole.size() - first + scale, 1);
  if (precision > k_max_precision || digits.find_first_not_of("0123456789.") != std::string_view::npos) {
    return std::nullopt;
  }
  return DecimalShape{.precision = static_cast<int>(precision), .scale = static_cast<int>(scale)};
}

DataType decimal_type(DecimalShape shape) {
  return {.kind = TypeKind::decimal,
          .precision = static_cast<std::uint8_t>(shape.precision),
          .scale = static_cast<std::uint8_t>(shape.scale)};
}

DecimalShape result_shape(char operation, DecimalShape left, DecimalShape right) {
  const auto [p1, s1] = left;
  const auto [p2, s2] = right;
  switch (operation) {
  case '*': return adjusted(p1 + p2 + 1, s1 + s2);
  case '/': {
    const int scale = std::max(k_kept_scale, s1 + p2 + 1);
    return adjusted(p1 - s1 + s2 + scale, scale);
  }
  case '%': return adjusted(std::min(p1 - s1, p2 - s2) + std::max(s1, s2), std::max(s1, s2));
  default: return adjusted(std::max(p1 - s1, p2 - s2) + std::max(s1, s2) + 1, std::max(s1, s2));
  }
}

DecimalShape sum_shape(DecimalShape shape) {
  constexpr int k_more = 10;
  return bounded(shape.precision + k_more, shape.scale);
}

DecimalShape average_shape(DecimalShape shape) {
  constexpr int k_more = 4;
  return bounded(shape.precision + k_more, shape.scale + k_more);
}

DecimalShape rounded_shape(DecimalShape shape, int digits) {
  const int whole = shape.precision - shape.scale + 1;
  if (digits < 0) {
    return bounded(std::max(whole, 1 - digits), 0);
  }
  const int scale = std::min(shape.scale, digits);
  return bounded(whole + scale, scale);
}

std::optional<DataType> wider_type(const DataType& left, const DataType& right) {
  if (left == right) {
    return left;
  }
  if (!is_number(left.kind) || !is_number(right.kind)) {
    return std::nullopt;
  }
  if (!is_exact(left.kind) || !is_exact(right.kind)) {
    return DataType{.kind = TypeKind::float64};
  }
  if (left.kind != TypeKind::decimal && right.kind != TypeKind::decimal) {
    return left.kind < right.kind ? right : left;
  }
  const auto a = *exact_shape(left);
  const auto b = *exact_shape(right);
  const int scale = std::max(a.scale, b.scale);
  return decimal_type(bounded(std::max(a.precision - a.scale, b.precision - b.scale) + scale, scale));
}

} // namespace pier::lake::sql

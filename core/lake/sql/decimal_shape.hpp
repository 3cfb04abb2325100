#pragma once

#include "core/lake/data_type.hpp"

#include <optional>
#include <string_view>

namespace pier::lake::sql {

/// Precision and scale of an exact number. The rules are those of ANSI Spark ("DecimalPrecision"): what does not
/// fit 38 digits loses digits behind the point, but keeps six of them.
struct DecimalShape {
  int precision = 0;
  int scale = 0;

  bool operator==(const DecimalShape&) const = default;
};

[[nodiscard]] bool is_exact(TypeKind kind);  ///< integers and decimals
[[nodiscard]] bool is_number(TypeKind kind); ///< floats, too

/// Integers as the decimals that hold all their values; nothing for other types.
std::optional<DecimalShape> exact_shape(const DataType& type);
/// "1.50" → (3,2), "0.5" → (1,1), "12" → (2,0).
std::optional<DecimalShape> literal_shape(std::string_view digits);
DataType decimal_type(DecimalShape shape);

/// Of + - * / %.
DecimalShape result_shape(char operation, DecimalShape left, DecimalShape right);
DecimalShape sum_shape(DecimalShape shape);
DecimalShape average_shape(DecimalShape shape);
DecimalShape rounded_shape(DecimalShape shape, int digits);

/// The type that holds both (CASE, coalesce); nothing when the rules are not known here.
std::optional<DataType> wider_type(const DataType& left, const DataType& right);

} // namespace pier::lake::sql

#pragma once

#include "core/lake/column_batch.hpp"

#include <optional>

namespace pier::lake {

/// value * 10^shift / divisor (not 0), rounded half away from zero; nothing when it has more than 38 digits.
std::optional<Int128> divide_decimal(Int128 value, Int128 divisor, int shift);

enum class Ties { up, even }; ///< up: away from zero

/// Rounds to `digits` after the point (negative: before it) by the decimal digits that the number is written
/// with, not by its binary value: 2.675 to two digits is 2.68.
double round_double(double value, int digits, Ties ties);

} // namespace pier::lake

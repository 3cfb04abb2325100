#include "core/lake/exact_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace pier::lake {
namespace {

__extension__ using UInt128 = unsigned __int128;

constexpr UInt128 power_of_ten(int exponent) {
  UInt128 out = 1;
  for (int i = 0; i < exponent; ++i) {
    out *= 10;
  }
  return out;
}

constexpr UInt128 k_limit = power_of_ten(38);

UInt128 magnitude(Int128 value) {
  return value < 0 ? UInt128(0) - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

/// Is what stands behind the first `kept` digits to be rounded up?
bool rounds_up(const std::string& digits, std::size_t kept, Ties ties) {
  if (digits[kept] != '5' || ties == Ties::up) {
    return digits[kept] >= '5';
  }
  const bool above = digits.find_first_not_of('0', kept + 1) != std::string::npos;
  return above || (kept > 0 && (digits[kept - 1] - '0') % 2 != 0);
}

} // namespace

std::optional<Int128> divide_decimal(Int128 value, Int128 divisor, int shift) {
  const auto by = magnitude(divisor);
  auto quotient = magnitude(value) / by;
  auto rest = magnitude(value) % by;
  while (shift > 0) {
    constexpr int k_step = 18;
    const int wide = std::min(shift, k_step);
    const int step = rest <= ~UInt128(0) / power_of_ten(wide) ? wide : 1;
    const auto factor = power_of_ten(step);
    if (quotient >= k_limit / factor + 1 || rest > ~UInt128(0) / factor) {
      return std::nullopt;
    }
    rest *= factor;
    quotient = quotient * factor + rest / by;
    rest %= by;
    shift -= step;
  }
  quotient += rest >= by - rest ? 1 : 0;
  if (quotient >= k_limit) {
    return std::nullopt;
  }
  const bool negative = (value < 0) != (divisor < 0);
  return negative ? -static_cast<Int128>(quotient) : static_cast<Int128>(quotient);
}

double round_double(double value, int digits, Ties ties) {
  if (!std::isfinite(value)) {
    return value;
  }
  if (value == 0) {
    return 0;
  }
  char buffer[40]; // the shortest text that is this number: d.ddde±xx
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific).ptr;
  const std::string text(buffer, end);
  const auto mark = text.find('e');
  auto number = text.substr(0, 1) + (mark > 2 ? text.substr(2, mark - 2) : std::string());
  const auto whole_digits = std::stol(text.substr(mark + 1)) + 1;
  const auto kept = whole_digits + digits;
  if (kept >= static_cast<long>(number.size())) {
    return value;
  }
  if (kept < 0) {
    return 0;
  }
  const bool up = rounds_up(number, static_cast<std::size_t>(kept), ties);
  number.resize(static_cast<std::size_t>(kept));
  number.insert(0, 1, '0'); // room for a carry
  for (auto i = number.size(); up && i-- > 0;) {
    number[i] = number[i] == '9' ? '0' : static_cast<char>(number[i] + 1);
    if (number[i] != '0') {
      break;
    }
  }
  number += "e" + std::to_string(-digits);
  double out = 0;
  std::from_chars(number.data(), number.data() + number.size(), out);
  return std::copysign(out, value) + 0.0; // there is no -0
}

} // namespace pier::lake

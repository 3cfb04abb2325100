#include "core/base/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace pier {

namespace {

/// Beyond it the standard library writes out all digits, also those that tell nothing apart.
constexpr double k_exact_integers = 9007199254740992.0;

std::string not_finite(double value) {
  return std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

std::string digits_of(double value, std::chars_format format) {
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  return {buffer.data(), end.ptr};
}

} // namespace

std::string shortest_number(double value) {
  if (!std::isfinite(value)) {
    return not_finite(value);
  }
  const double size = std::fabs(value);
  const bool scientific = size != 0 && (size < 1e-4 || size >= 1e6);
  return digits_of(value, scientific ? std::chars_format::scientific : std::chars_format::fixed);
}

std::string plain_number(double value) {
  if (!std::isfinite(value)) {
    return not_finite(value);
  }
  if (std::fabs(value) < k_exact_integers) {
    return digits_of(value, std::chars_format::fixed);
  }
  auto text = digits_of(value, std::chars_format::scientific);
  const auto mark = text.find('e');
  const auto exponent = static_cast<std::size_t>(std::atoi(text.c_str() + mark + 1));
  text.erase(mark);
  if (const auto point = text.find('.'); point != std::string::npos) {
    text.erase(point, 1);
  }
  text.resize((value < 0 ? 2U : 1U) + exponent, '0');
  return text;
}

} // namespace pier

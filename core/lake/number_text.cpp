#include "core/lake/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace pier::lake {
namespace {

/// Digits and exponent of std::to_chars in the form of Java: plain from 1e-3 up to 1e7, else d.dEn.
template <class Real> void append_real(std::string& out, Real value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  const auto magnitude = std::fabs(value);
  std::array<char, 64> buffer{};
  const bool plain = magnitude == 0 || (magnitude >= Real(1e-3) && magnitude < Real(1e7));
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  if (plain) {
    out += text;
    if (text.find('.') == std::string_view::npos) {
      out += ".0";
    }
    return;
  }
  const auto exponent = text.find('e');
  const auto mantissa = text.substr(0, exponent);
  out += mantissa;
  if (mantissa.find('.') == std::string_view::npos) {
    out += ".0";
  }
  out += 'E';
  auto power = text.substr(exponent + 1);
  if (power.front() == '-') {
    out += '-';
  }
  power.remove_prefix(1);
  while (power.size() > 1 && power.front() == '0') {
    power.remove_prefix(1);
  }
  out += power;
}

void append_padded(std::string& out, std::int64_t value, int width) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  const auto length = static_cast<int>(end - buffer.data());
  out.append(length < width ? static_cast<std::size_t>(width - length) : 0U, '0');
  out.append(buffer.data(), static_cast<std::size_t>(length));
}

} // namespace

void append_double(std::string& out, double value) {
  append_real(out, value);
}

void append_float(std::string& out, float value) {
  append_real(out, value);
}

void append_decimal(std::string& out, Int128 scaled, unsigned scale) {
  __extension__ using Unsigned = unsigned __int128;
  std::array<char, 48> digits{};
  auto at = digits.size();
  auto rest = scaled < 0 ? Unsigned(0) - static_cast<Unsigned>(scaled) : static_cast<Unsigned>(scaled);
  std::size_t count = 0;
  while (rest != 0 || count <= scale) {
    digits[--at] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    if (++count == scale) {
      digits[--at] = '.';
    }
  }
  if (scaled < 0) {
    digits[--at] = '-';
  }
  out.append(digits.data() + at, digits.size() - at);
}

// Civil date from days (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
void append_date(std::string& out, std::int32_t days) {
  const std::int64_t shifted = std::int64_t{days} + 719468;
  const auto era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto day_of_era = shifted - era * 146097;
  const auto year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto month_index = (5 * day_of_year + 2) / 153;
  const auto day = day_of_year - (153 * month_index + 2) / 5 + 1;
  const auto month = month_index < 10 ? month_index + 3 : month_index - 9;
  const auto year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0) {
    out += '-';
  }
  append_padded(out, year < 0 ? -year : year, 4);
  out += '-';
  append_padded(out, month, 2);
  out += '-';
  append_padded(out, day, 2);
}

void append_timestamp(std::string& out, std::int64_t micros) {
  constexpr std::int64_t k_day = 86'400'000'000;
  auto days = micros / k_day;
  auto rest = micros % k_day;
  if (rest < 0) {
    --days;
    rest += k_day;
  }
  append_date(out, static_cast<std::int32_t>(days));
  out += 'T';
  append_padded(out, rest / 3'600'000'000, 2);
  out += ':';
  append_padded(out, rest / 60'000'000 % 60, 2);
  out += ':';
  append_padded(out, rest / 1'000'000 % 60, 2);
  out += '.';
  const auto fraction = rest % 1'000'000;
  if (fraction % 1000 == 0) {
    append_padded(out, fraction / 1000, 3);
  } else {
    append_padded(out, fraction, 6);
  }
}

} // namespace pier::lake

#include "bundles/yaml/scalar.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace pier::bundles {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Reads `least` to `most` digits.
bool skip_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  while (count < most && count < text.size() && is_digit(text[count])) {
    ++count;
  }
  text.remove_prefix(count);
  return count >= least;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

bool skip_time_of_day(std::string_view& text) {
  if (!skip_digits(text, 1, 2) || !skip(text, ':') || !skip_digits(text, 1, 2) || !skip(text, ':') ||
      !skip_digits(text, 1, 2)) {
    return false;
  }
  return !skip(text, '.') || skip_digits(text, 1, 9);
}

bool skip_zone(std::string_view& text) {
  if (skip(text, 'Z')) {
    return true;
  }
  return (skip(text, '+') || skip(text, '-')) && skip_digits(text, 2, 2) && skip(text, ':') && skip_digits(text, 2, 2);
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
bool is_float(std::string_view text) {
  if (!skip(text, '-')) {
    skip(text, '+');
  }
  if (skip(text, '.')) {
    if (!skip_digits(text, 1, text.size())) {
      return false;
    }
  } else {
    if (!skip_digits(text, 1, text.size())) {
      return false;
    }
    if (skip(text, '.')) {
      skip_digits(text, 0, text.size());
    }
  }
  if (skip(text, 'e') || skip(text, 'E')) {
    if (!skip(text, '-')) {
      skip(text, '+');
    }
    return skip_digits(text, 1, text.size()) && text.empty();
  }
  return text.empty();
}

double to_double(std::string_view text) {
  skip(text, '+');
  double value = 0;
  const auto [_, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range) {
    return text.find('-') == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  }
  return value;
}

enum class IntegerForm { none, fits, unreadable };

struct Integer {
  IntegerForm form = IntegerForm::none;
  std::int64_t value = 0;
};

/// `_` stands between digits, or behind the letter of a base (Go: integer literals).
bool has_good_underscores(std::string_view text) {
  const auto is_part = [](char c) { return c != '_' && c != '-' && c != '+'; };
  for (auto at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1)) {
    if (at == 0 || at + 1 == text.size() || !is_part(text[at - 1]) || !is_part(text[at + 1])) {
      return false;
    }
  }
  return true;
}

Integer read_integer(std::string_view text) {
  std::string digits;
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    text.remove_prefix(1);
  }
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != '_'; });
  int base = 10;
  std::size_t from = 0;
  if (digits.size() > 2 && digits[0] == '0') {
    const char letter = digits[1] >= 'A' && digits[1] <= 'Z' ? static_cast<char>(digits[1] - 'A' + 'a') : digits[1];
    base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    from = base == 10 ? 0 : 2;
  }
  if (from == digits.size() || digits[from] == '-' || digits[from] == '+') {
    return {};
  }
  std::uint64_t magnitude = 0;
  const auto [end, code] = std::from_chars(digits.data() + from, digits.data() + digits.size(), magnitude, base);
  if (end != digits.data() + digits.size()) {
    return {};
  }
  const std::uint64_t limit =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1U : 0U);
  if (code == std::errc::result_out_of_range || (negative && magnitude > limit)) {
    return {}; // a float, if it looks like one
  }
  if (magnitude > limit || !has_good_underscores(text)) {
    return {IntegerForm::unreadable, 0};
  }
  return {IntegerForm::fits, static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude)};
}

} // namespace

bool is_timestamp(std::string_view text) {
  if (!skip_digits(text, 4, 4) || !skip(text, '-') || !skip_digits(text, 1, 2) || !skip(text, '-') ||
      !skip_digits(text, 1, 2)) {
    return false;
  }
  if (text.empty()) {
    return true;
  }
  if (skip(text, 'T') || skip(text, 't')) {
    return skip_time_of_day(text) && skip_zone(text) && text.empty();
  }
  return skip(text, ' ') && skip_time_of_day(text) && text.empty();
}

PlainScalar resolve_plain_scalar(std::string_view text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) {
    return {"!!null", {}};
  }
  if (one_of(text, {"true", "True", "TRUE"})) {
    return {"!!bool", true};
  }
  if (one_of(text, {"false", "False", "FALSE"})) {
    return {"!!bool", false};
  }
  const char first = text.front();
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') {
    return {"!!str", {}};
  }
  if (one_of(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) {
    return {"!!float", std::numeric_limits<double>::infinity()};
  }
  if (one_of(text, {"-.inf", "-.Inf", "-.INF"})) {
    return {"!!float", -std::numeric_limits<double>::infinity()};
  }
  if (one_of(text, {".nan", ".NaN", ".NAN"})) {
    return {"!!float", std::numeric_limits<double>::quiet_NaN()};
  }
  if (is_timestamp(text)) {
    return {"!!timestamp", {}};
  }
  if (const auto integer = read_integer(text); integer.form == IntegerForm::fits) {
    return {"!!int", integer.value};
  } else if (integer.form == IntegerForm::unreadable) {
    return {"!!int", {}};
  }
  std::string plain = replace_all(std::string(text), "_", "");
  if (is_float(plain)) {
    return {"!!float", to_double(plain)};
  }
  return {"!!str", {}};
}

} // namespace pier::bundles

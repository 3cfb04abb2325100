#include "core/base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace pier {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::tm to_utc(TimePoint time) {
  const std::time_t seconds =
      static_cast<std::time_t>(to_epoch_millis(std::chrono::floor<std::chrono::seconds>(time)) / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

} // namespace

std::string to_rfc3339(TimePoint time) {
  const auto parts = to_utc(time);
  const auto millis = (to_epoch_millis(time) % 1000 + 1000) % 1000;
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                          parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (millis != 0) {
    text += fmt::format(".{:03}", millis);
  }
  return text + "Z";
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
  const auto broken = [&] {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER0108",
                 .message = "'" + std::string(text) + "' is not a time as in RFC 3339",
                 .hint = "write it like 2026-11-24T10:00:00Z"};
  };
  std::tm parts{};
  int consumed = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &consumed) != 6 ||
      consumed == 0 || parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_mday > 31 ||
      parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60) {
    return broken();
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  auto rest = text.substr(static_cast<std::size_t>(consumed));
  std::int64_t micros = 0;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    std::int64_t scale = 100'000;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
      micros += (rest.front() - '0') * scale;
      scale /= 10;
      rest.remove_prefix(1);
    }
  }
  std::int64_t offset_minutes = 0;
  if (rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':') {
    const auto digit = [&](std::size_t at) { return static_cast<std::int64_t>(rest[at] - '0'); };
    offset_minutes = (digit(1) * 10 + digit(2)) * 60 + digit(4) * 10 + digit(5);
    offset_minutes = rest[0] == '-' ? -offset_minutes : offset_minutes;
  } else if (rest != "Z" && rest != "z") {
    return broken();
  }
  const std::int64_t seconds = static_cast<std::int64_t>(::timegm(&parts)) - offset_minutes * 60;
  return TimePoint(
      duration_cast<TimePoint::duration>(std::chrono::seconds(seconds) + std::chrono::microseconds(micros)));
}

std::int64_t to_epoch_millis(TimePoint time) {
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

TimePoint from_epoch_millis(std::int64_t millis) {
  // In 2262, a whole second before the end: it can still be rounded either way.
  constexpr std::int64_t k_last = (duration_cast<std::chrono::seconds>(TimePoint::duration::max()).count() - 1) * 1000;
  return TimePoint(duration_cast<TimePoint::duration>(milliseconds(std::clamp(millis, -k_last, k_last))));
}

std::string to_http_date(TimePoint time) {
  static constexpr std::array k_days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array k_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto parts = to_utc(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", k_days[static_cast<std::size_t>(parts.tm_wday)],
                     parts.tm_mday, k_months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string humanize(milliseconds duration) {
  const auto millis = duration.count();
  if (millis < 1000) {
    return fmt::format("{} ms", millis);
  }
  if (millis < 60'000) {
    return fmt::format("{:.1f} s", static_cast<double>(millis) / 1000);
  }
  return fmt::format("{} min {} s", millis / 60'000, millis % 60'000 / 1000);
}

} // namespace pier

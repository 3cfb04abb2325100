#pragma once

#include "core/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace pier {

using TimePoint = std::chrono::system_clock::time_point;

/// Where the time comes from; tests put their own in place.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::system_clock::now(); }
};

std::string to_rfc3339(TimePoint time); ///< "2026-11-24T10:00:00Z"; milliseconds only if not zero
Result<TimePoint> parse_rfc3339(std::string_view text);
std::int64_t to_epoch_millis(TimePoint time);
TimePoint from_epoch_millis(std::int64_t millis); ///< what a TimePoint cannot hold becomes its first or last (2262)
std::string to_http_date(TimePoint time);         ///< RFC 9110 5.6.7
/// "1.2 s", "340 ms", "2 min 3 s": for people.
std::string humanize(std::chrono::milliseconds duration);

} // namespace pier

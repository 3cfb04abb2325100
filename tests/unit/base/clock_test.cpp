#include "core/base/clock.hpp"

#include <doctest/doctest.h>

#include <limits>

TEST_CASE("clock: RFC 3339 round-trips, offsets become UTC") {
  const auto time = pier::parse_rfc3339("2026-11-24T12:00:00.250+02:00");
  REQUIRE(time);
  CHECK(pier::to_rfc3339(*time) == "2026-11-24T10:00:00.250Z");
  CHECK(pier::to_http_date(*time) == "Tue, 24 Nov 2026 10:00:00 GMT");
  CHECK_FALSE(pier::parse_rfc3339("yesterday"));
  CHECK_FALSE(pier::parse_rfc3339("2026-13-01T00:00:00Z"));
}

TEST_CASE("clock: durations for people") {
  CHECK(pier::humanize(std::chrono::milliseconds(340)) == "340 ms");
  CHECK(pier::humanize(std::chrono::milliseconds(1250)) == "1.2 s");
  CHECK(pier::humanize(std::chrono::seconds(123)) == "2 min 3 s");
}

TEST_CASE("clock: times from outside that no TimePoint holds") {
  CHECK(pier::to_rfc3339(pier::from_epoch_millis(std::numeric_limits<std::int64_t>::max())).substr(0, 4) == "2262");
  CHECK(pier::to_rfc3339(pier::from_epoch_millis(std::numeric_limits<std::int64_t>::min())).substr(0, 4) == "1677");
  CHECK(pier::to_epoch_millis(pier::from_epoch_millis(-1)) == -1);
}

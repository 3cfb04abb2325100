#include "core/deploy/redact.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::deploy::redacted_config;

TEST_CASE("redact: values of secrets, and with them those of all variables") {
  const auto shown = redacted_config(
      Json::parse(R"({"resources":{"secrets":{"s":{"name":"n","value":"v"}}},"variables":{"x":{"value":"v"}}})")
          .value());
  CHECK(shown.find_path({"resources", "secrets", "s"})->dump() == R"({"name":"n","value":"[redacted]"})");
  CHECK(shown.find_path({"variables", "x", "value"})->as_string() == "[redacted]");
}

TEST_CASE("redact: without secrets nothing is hidden") {
  const auto config =
      Json::parse(R"({"resources":{"jobs":{"j":{"name":"n"}}},"variables":{"x":{"value":"v"}}})").value();
  CHECK(redacted_config(config) == config);
}

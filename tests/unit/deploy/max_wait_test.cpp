#include "core/deploy/max_wait.hpp"

#include <doctest/doctest.h>

using pier::deploy::resource_max_wait;

TEST_CASE("max wait: whole seconds from 0, or no limit") {
  pier::Environment env;
  CHECK_FALSE(resource_max_wait(env).value());
  env.set("DATABRICKS_BUNDLE_RESOURCE_MAX_WAIT", "0");
  CHECK(resource_max_wait(env).value() == std::chrono::seconds(0));
  env.set("DATABRICKS_BUNDLE_RESOURCE_MAX_WAIT", "90");
  CHECK(resource_max_wait(env).value() == std::chrono::seconds(90));
  for (const auto* text : {"1m", "-5"}) {
    env.set("DATABRICKS_BUNDLE_RESOURCE_MAX_WAIT", text);
    const auto limit = resource_max_wait(env);
    REQUIRE_FALSE(limit);
    CHECK(limit.error().message == "invalid DATABRICKS_BUNDLE_RESOURCE_MAX_WAIT=\"" + std::string(text) +
                                       "\": expected a non-negative number of seconds");
  }
}

#include "core/server/settings.hpp"

#include <doctest/doctest.h>

using pier::server::Settings;

TEST_CASE("settings: the workspace's id is made once and fits a double") {
  const auto database = pier::store::Database::open(":memory:").value();
  const auto settings = Settings::open(*database);
  REQUIRE(settings);
  const auto id = settings->workspace_id().value();
  CHECK(id >= 1'000'000'000'000'000);
  CHECK(id < (std::int64_t{1} << 53));
  CHECK(Settings::open(*database)->workspace_id().value() == id);
}

TEST_CASE("settings: values and ports") {
  const auto database = pier::store::Database::open(":memory:").value();
  const auto settings = Settings::open(*database).value();
  CHECK_FALSE(settings.get("a").value());
  CHECK(settings.port("rest").value() == 0);
  REQUIRE(settings.set("a", "1"));
  REQUIRE(settings.set("a", "2"));
  REQUIRE(settings.set_port("rest", 65'535));
  CHECK(settings.get("a").value() == "2");
  CHECK(settings.port("rest").value() == 65'535);
  REQUIRE(settings.unset("a"));
  CHECK_FALSE(settings.get("a").value());
}

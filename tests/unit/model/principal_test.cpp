#include "core/model/permission_level.hpp"
#include "core/model/principal.hpp"

#include <doctest/doctest.h>

TEST_CASE("principal: short name") {
  CHECK(pier::model::short_name("Ada.Lovelace+x@example.test") == "ada_lovelace_x");
  CHECK(pier::model::short_name(".x..y.@z") == "x_y");
}

TEST_CASE("permission level: stronger levels include weaker ones") {
  CHECK(pier::model::includes_level("apps", "CAN_MANAGE", "CAN_USE"));
  CHECK_FALSE(pier::model::includes_level("apps", "CAN_USE", "CAN_MANAGE"));
  CHECK_FALSE(pier::model::includes_level("jobs", "CAN_USE", "CAN_VIEW"));
  CHECK(pier::model::levels_of("nothing").empty());
}

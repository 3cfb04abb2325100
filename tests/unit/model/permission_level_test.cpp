#include "core/model/permission_level.hpp"

#include <doctest/doctest.h>

namespace pier::model {

TEST_CASE("permission level: a stronger one includes the weaker ones of its type") {
  CHECK(includes_level("apps", "CAN_MANAGE", "CAN_USE"));
  CHECK_FALSE(includes_level("apps", "CAN_USE", "CAN_MANAGE"));
  CHECK(includes_level("jobs", "IS_OWNER", "CAN_VIEW"));
  CHECK(includes_level("directories", "CAN_EDIT", "CAN_RUN"));
  CHECK_FALSE(includes_level("directories", "CAN_USE", "CAN_READ"));
  CHECK_FALSE(includes_level("toys", "CAN_MANAGE", "CAN_USE"));
}

TEST_CASE("permission level: of a warehouse, viewing and using are apart, monitoring is both") {
  CHECK(includes_level("sql/warehouses", "CAN_MONITOR", "CAN_USE"));
  CHECK(includes_level("sql/warehouses", "CAN_MONITOR", "CAN_VIEW"));
  CHECK_FALSE(includes_level("warehouses", "CAN_USE", "CAN_VIEW"));
  CHECK_FALSE(includes_level("warehouses", "CAN_VIEW", "CAN_USE"));
  CHECK_FALSE(includes_level("warehouses", "CAN_USE", "CAN_MONITOR"));
}

TEST_CASE("permission level: one order over all types, unknown ones beside what they begin with") {
  CHECK(rank_of_level("CAN_VIEW") < rank_of_level("CAN_READ"));
  CHECK(rank_of_level("CAN_EDIT") < rank_of_level("CAN_MANAGE"));
  CHECK(rank_of_level("CAN_MANAGE") < rank_of_level("IS_OWNER"));
  CHECK(rank_of_level("CAN_MANAGE_PETS") == rank_of_level("CAN_MANAGE"));
  CHECK(rank_of_level("MANAGE") == 0);
  CHECK(rank_of_level("") < rank_of_level("MANAGE"));
}

} // namespace pier::model

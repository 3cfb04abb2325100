#include "core/lake/sql/functions.hpp"

#include <doctest/doctest.h>

namespace pier::lake::sql {

TEST_CASE("functions: Java date patterns become strftime") {
  CHECK(convert_date_pattern("yyyy-MM-dd'T'HH:mm:ss") == "%Y-%m-%dT%H:%M:%S");
  CHECK(convert_date_pattern("d. MMMM yy, EEE") == "%-d. %B %y, %a");
  CHECK(convert_date_pattern("hh ''-''") == "%I '-'");
  CHECK_FALSE(convert_date_pattern("YYYY-MM-dd").has_value());
  CHECK_FALSE(convert_date_pattern("yyyy 'open").has_value());
}

TEST_CASE("functions: rules are found by name and number of arguments") {
  REQUIRE(find_function("nvl", 2) != nullptr);
  CHECK(apply_rule(*find_function("nvl", 2), {"a", "b"}) == "coalesce(a, b)");
  CHECK(apply_rule(*find_function("coalesce", 3), {"a", "b", "c"}) == "coalesce(a, b, c)");
  CHECK(find_function("nvl", 3) == nullptr);
  CHECK(knows_function("nvl"));
  CHECK(nearest_function("cuont") == "count");
}

} // namespace pier::lake::sql

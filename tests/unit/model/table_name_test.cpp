#include "core/model/table_name.hpp"

#include <doctest/doctest.h>

using pier::model::TableName;

TEST_CASE("table name: three parts, lower case, backticks") {
  CHECK(TableName::parse("Main.Gold.Delays").value().to_string() == "main.gold.delays");
  CHECK(TableName::parse("`my-cat`.s.`t``x`").value() == TableName{"my-cat", "s", "t`x"});
  CHECK_FALSE(TableName::parse("s.t"));
  CHECK_FALSE(TableName::parse("a..b"));
  CHECK_FALSE(TableName::parse("`a.b.c"));
  CHECK_FALSE(TableName::parse("a.b.`../x`"));
}

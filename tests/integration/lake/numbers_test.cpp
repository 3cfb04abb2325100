#include "lake_fixture.hpp"

namespace pier::lake {
namespace {

/// "value DECIMAL(p,s)" of the only cell.
std::string typed(LakeFixture& lake, const std::string& expression) {
  const auto result = lake.run("SELECT " + expression);
  return flatten(result) + " " + result.columns.at(0).type.to_sql();
}

} // namespace

TEST_CASE("numbers: decimals are divided exactly") {
  LakeFixture lake;
  lake.run("CREATE TABLE t (a DECIMAL(10,2), b DECIMAL(10,2), n BIGINT, i INT, f DOUBLE)");
  lake.run("INSERT INTO t VALUES (10.00, 3.00, 7, 3, 4.0), (NULL, 2.00, 1, 1, 1.0)");
  CHECK(typed(lake, "a / b FROM t WHERE a IS NOT NULL") == "3.3333333333333 DECIMAL(23,13)");
  CHECK(typed(lake, "a / b FROM t WHERE a IS NULL") == "NULL DECIMAL(23,13)");
  CHECK(typed(lake, "a / i FROM t WHERE i = 3") == "3.3333333333333 DECIMAL(21,13)");
  CHECK(typed(lake, "a / 3 FROM t WHERE i = 3") == "3.333333 DECIMAL(14,6)");
  CHECK(typed(lake, "a / f FROM t WHERE i = 3") == "2.5 DOUBLE");
  CHECK(typed(lake, "n / i FROM t WHERE i = 1") == "1.0 DOUBLE");
  CHECK(typed(lake, "1.0 / 3") == "0.333333 DECIMAL(7,6)");
  CHECK(typed(lake, "x / 3 FROM (SELECT sum(a) AS x FROM t)") == "3.333333 DECIMAL(24,6)");
  CHECK(typed(lake, "q.x / 3 FROM (SELECT * FROM (SELECT a + b AS x FROM t) WHERE x IS NOT NULL) q") ==
        "4.333333 DECIMAL(15,6)");
  CHECK(typed(lake, "x / 3 FROM (SELECT a AS x FROM t UNION ALL SELECT b FROM t) WHERE x = 10") ==
        "3.333333 DECIMAL(14,6)");
  CHECK(typed(lake, "try_divide(a, b - b) FROM t WHERE i = 3") == "NULL DECIMAL(24,14)");
  CHECK(lake.error_class("SELECT a / (b - b) FROM t") == "[DIVIDE_BY_ZERO]");
  lake.run("CREATE VIEW v AS SELECT a * 2 AS twice FROM t");
  CHECK(typed(lake, "twice / 3 FROM v WHERE twice IS NOT NULL") == "6.666667 DECIMAL(16,6)");
  CHECK(lake.rows("WITH c(y) AS (SELECT b FROM t WHERE i = 3) SELECT y / 7 FROM c") == "0.428571");
}

TEST_CASE("numbers: what the engine would divide as doubles is refused where no type is known") {
  LakeFixture lake;
  CHECK(lake.error_class("SELECT x / 3 FROM (SELECT explode(array(1.5, 2.5)) AS x)") == "[UNSUPPORTED_FEATURE]");
  CHECK(lake.rows("SELECT x / 4 FROM (SELECT explode(array(1, 2)) AS x) ORDER BY x") == "0.25;0.5");
  CHECK(lake.rows("SELECT CAST(x AS DECIMAL(4,1)) / 3 FROM (SELECT explode(array(1.5)) AS x)") == "0.500000");
  // The lambda's parameter is not the column of that name.
  CHECK(lake.error_class("SELECT transform(array(1.55), x -> x / 2) FROM (SELECT CAST(1 AS DECIMAL(2,0)) AS x)") ==
        "[UNSUPPORTED_FEATURE]");
  CHECK(lake.error_class("SELECT 10.5 DIV 3") == "[UNSUPPORTED_FEATURE]");
  CHECK(lake.error_class("SELECT 10.5D DIV 3") == "[UNSUPPORTED_FEATURE]");
  CHECK(lake.rows("SELECT -7 DIV 2, 7 DIV 2") == "-3|3");
}

TEST_CASE("numbers: aggregates of decimals") {
  LakeFixture lake;
  lake.run("CREATE TABLE t AS SELECT CAST(id AS DECIMAL(10,2)) AS a, id % 2 AS k FROM range(4)");
  CHECK(typed(lake, "avg(a) FROM t") == "1.500000 DECIMAL(14,6)");
  CHECK(typed(lake, "avg(a) FILTER (WHERE a > 0) FROM t") == "2.000000 DECIMAL(14,6)");
  CHECK(typed(lake, "avg(DISTINCT a) FROM t WHERE a < 0") == "NULL DECIMAL(14,6)");
  CHECK(typed(lake, "sum(a) FROM t") == "6.00 DECIMAL(20,2)");
  CHECK(lake.rows("SELECT a, avg(a) OVER (PARTITION BY k) FROM t ORDER BY a") ==
        "0.00|1.000000;1.00|2.000000;2.00|1.000000;3.00|2.000000");
  CHECK(typed(lake, "avg(k) FROM t") == "0.5 DOUBLE");
  CHECK(typed(lake, "median(a) FROM t") == "1.5 DOUBLE");
  CHECK(typed(lake, "max(a) * 2 FROM t") == "6.00 DECIMAL(12,2)");
  CHECK(typed(lake, "a * 1.5 FROM t WHERE a = 3") == "4.500 DECIMAL(13,3)");
  CHECK(typed(lake, "a % 2 FROM t WHERE a = 3") == "1.00 DECIMAL(3,2)");
}

TEST_CASE("numbers: rounding at exact ties") {
  LakeFixture lake;
  CHECK(typed(lake, "round(2.675D, 2)") == "2.68 DOUBLE");
  CHECK(typed(lake, "round(CAST(2.5 AS DOUBLE))") == "3.0 DOUBLE");
  CHECK(typed(lake, "bround(2.5D, 0)") == "2.0 DOUBLE");
  CHECK(typed(lake, "round(2.345, 2)") == "2.35 DECIMAL(4,2)");
  CHECK(typed(lake, "round(-2.345, 2)") == "-2.35 DECIMAL(4,2)");
  CHECK(typed(lake, "round(99.95, 1)") == "100.0 DECIMAL(4,1)");
  CHECK(typed(lake, "round(149.5, -2)") == "100 DECIMAL(4,0)");
  CHECK(typed(lake, "bround(2.345, 2)") == "2.34 DECIMAL(4,2)");
  CHECK(typed(lake, "bround(2.355, 2)") == "2.36 DECIMAL(4,2)");
  CHECK(typed(lake, "bround(-2.345, 2)") == "-2.34 DECIMAL(4,2)");
  CHECK(typed(lake, "bround(2.3451, 2)") == "2.35 DECIMAL(4,2)");
  CHECK(typed(lake, "bround(250.0, -2)") == "200 DECIMAL(4,0)");
  CHECK(typed(lake, "round(25, -1)") == "30 INT");
  CHECK(typed(lake, "ceil(2.1)") == "3 DECIMAL(2,0)");
  CHECK(typed(lake, "floor(-2.1D)") == "-3 BIGINT");
}

} // namespace pier::lake

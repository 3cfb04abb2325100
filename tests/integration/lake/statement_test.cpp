#include "lake_fixture.hpp"

namespace pier::lake {

TEST_CASE("lake: a table is made, filled and read") {
  LakeFixture lake;
  lake.run("CREATE SCHEMA main.gold COMMENT 'x'");
  lake.run("CREATE TABLE main.gold.t (id BIGINT NOT NULL, name STRING COMMENT 'who', amount DECIMAL(10,2), d DATE, "
           "ts TIMESTAMP, b BINARY, f DOUBLE, ok BOOLEAN)");
  CHECK(lake.rows("INSERT INTO main.gold.t VALUES (1, 'a', 1.5, DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00:00', "
                  "X'01FF', 1e10D, true), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)") == "2|2");
  const auto result = lake.run("SELECT * FROM main.gold.t ORDER BY id");
  CHECK(flatten(result) == "1|a|1.50|2024-01-31|2024-01-31T10:00:00.000Z|Af8=|1.0E10|true;"
                           "2|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
  REQUIRE(result.columns.size() == 8);
  CHECK(result.columns[0].type.to_sql() == "BIGINT");
  CHECK(result.columns[2].type.to_sql() == "DECIMAL(10,2)");
  CHECK(lake.error_class("INSERT INTO main.gold.t (name) VALUES ('x')") == "[DELTA_NOT_NULL_CONSTRAINT_VIOLATED]");
  CHECK(lake.rows("SELECT count(*) FROM main.gold.t") == "2");
}

TEST_CASE("lake: replacing a table keeps its history") {
  LakeFixture lake;
  lake.run("CREATE TABLE t AS SELECT id, id * 2 AS twice FROM range(10)");
  lake.run("CREATE OR REPLACE TABLE t AS SELECT 'x' AS only");
  CHECK(lake.rows("SELECT * FROM t") == "x");
  CHECK(lake.rows("SELECT sum(twice) FROM t VERSION AS OF 0") == "90");
  CHECK(lake.rows("SELECT count(*) FROM main.default.t TIMESTAMP AS OF current_timestamp()") == "1");
  CHECK(lake.error_class("SELECT * FROM t VERSION AS OF 7") == "[DELTA_VERSION_NOT_FOUND]");
  const auto history = result_rows(lake.run("DESCRIBE HISTORY t"));
  REQUIRE(history.size() == 2);
  CHECK(history[0][4] == "CREATE OR REPLACE TABLE AS SELECT");
  CHECK(history[1][4] == "CREATE TABLE AS SELECT");
}

TEST_CASE("lake: rows are deleted and updated") {
  LakeFixture lake;
  lake.run("CREATE TABLE t TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true') AS SELECT id, 'v' || id AS v FROM "
           "range(6)");
  CHECK(lake.rows("DELETE FROM t WHERE id IN (1, 2)") == "2");
  CHECK(lake.rows("UPDATE t SET v = concat(v, '!') WHERE id > 3") == "2");
  CHECK(lake.rows("SELECT id, v FROM t ORDER BY id") == "0|v0;3|v3;4|v4!;5|v5!");
  CHECK(lake.rows("DELETE FROM t WHERE id = 77") == "0");
  CHECK(lake.rows("DELETE FROM t") == "4");
  CHECK(lake.rows("SELECT count(*) FROM t") == "0");
}

TEST_CASE("lake: a table that is read often is read from memory, and never from an older state") {
  LakeFixture lake;
  lake.run("CREATE TABLE t AS SELECT id, 'v' || id AS v, array(id, NULL) AS a FROM range(4)");
  lake.run("DELETE FROM t WHERE id = 2");
  // Each statement differs, so that no result is kept; the data files are gone from the fourth on.
  const auto read = [&](int least) {
    return lake.rows("SELECT id, v, a FROM t WHERE id >= " + std::to_string(least) + " ORDER BY id");
  };
  CHECK(read(0) == "0|v0|[0,null];1|v1|[1,null];3|v3|[3,null]");
  CHECK(read(1) == "1|v1|[1,null];3|v3|[3,null]");
  CHECK(read(2) == "3|v3|[3,null]");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(lake.location("main.default.t"))) {
    if (entry.path().extension() == ".parquet" && entry.path().string().find("_delta_log") == std::string::npos) {
      std::filesystem::remove(entry.path());
    }
  }
  CHECK(read(-1) == "0|v0|[0,null];1|v1|[1,null];3|v3|[3,null]");
  CHECK(lake.rows("WITH pier_hot_1 AS (SELECT 7 AS id) SELECT sum(id) FROM t") == "4");
  lake.run("CREATE OR REPLACE TABLE t AS SELECT 9 AS id, 'new' AS v, array(1) AS a");
  CHECK(read(-2) == "9|new|[1]");
}

TEST_CASE("lake: a result that is kept is not shown after a change of a view or of rights") {
  LakeFixture lake;
  lake.run("CREATE TABLE t AS SELECT id FROM range(3)");
  lake.run("CREATE VIEW w AS SELECT max(id) AS x FROM t");
  CHECK(lake.rows("SELECT x FROM w") == "2");
  lake.run("CREATE OR REPLACE VIEW w AS SELECT min(id) AS x FROM t");
  CHECK(lake.rows("SELECT x FROM w") == "0");
  const auto ada = lake.user("ada@pier.local");
  lake.run("GRANT SELECT ON TABLE w TO `ada@pier.local`");
  lake.run("GRANT USE SCHEMA ON SCHEMA main.default TO `ada@pier.local`");
  REQUIRE(lake.try_run_as(ada, "SELECT x FROM w"));
  lake.run("REVOKE SELECT ON TABLE w FROM `ada@pier.local`");
  CHECK_FALSE(lake.try_run_as(ada, "SELECT x FROM w"));
}

TEST_CASE("lake: a statement said again sees what was written in between") {
  LakeFixture lake;
  lake.make_volume("files");
  const auto folder = *lake.catalog->volume_folder("main.default.files");
  lake.run("CREATE TABLE t AS SELECT id, 'a' AS v FROM range(3)");
  const std::string sum = "SELECT count(*), sum(id), max(v) FROM t";
  CHECK(lake.rows(sum) == "3|3|a");
  CHECK(lake.rows(sum) == "3|3|a");
  lake.run("INSERT INTO t VALUES (10, 'b')");
  CHECK(lake.rows(sum) == "4|13|b");
  lake.run("DELETE FROM t WHERE id = 10");
  CHECK(lake.rows(sum) == "3|3|a");
  lake.run("CREATE OR REPLACE TABLE t AS SELECT CAST(id AS INT) AS id, 7 AS v FROM range(2)");
  CHECK(lake.rows(sum) == "2|1|7");
  lake.run("DROP TABLE t");
  lake.run("CREATE TABLE t AS SELECT id, 'new' AS v FROM range(1)");
  CHECK(lake.rows(sum) == "1|0|new");
  const std::string files =
      "SELECT count(*), max(a) FROM read_files('/Volumes/main/default/files/x.csv', header => true)";
  REQUIRE(write_file_atomically(folder / "x.csv", "a\n1\n"));
  CHECK(lake.rows(files) == "1|1");
  REQUIRE(write_file_atomically(folder / "x.csv", "a\nx\ny\n"));
  CHECK(lake.rows(files) == "2|y");
}

TEST_CASE("lake: names, aliases and texts are told apart") {
  LakeFixture lake;
  lake.run("CREATE TABLE t AS SELECT 1 AS a");
  CHECK(lake.rows("SELECT 'main.default.t' AS x, main.default.t.a, `t`.`a` FROM main.default.t") ==
        "main.default.t|1|1");
  CHECK(lake.rows("WITH t AS (SELECT 5 AS a) SELECT a FROM t") == "5");
  CHECK(lake.rows("SELECT x.a FROM (SELECT a FROM t) x JOIN t AS y ON x.a = y.a -- main.none.t\n") == "1");
  CHECK(lake.rows("SELECT :v + 1, :n", {{.name = "v", .type = "INT", .value = "41"}, {.name = "n"}}) == "42|NULL");
  CHECK(lake.error_class("SELECT * FROM nothing") == "[TABLE_OR_VIEW_NOT_FOUND]");
  CHECK(lake.error_class("SELECT b FROM t") == "[UNRESOLVED_COLUMN.WITH_SUGGESTION]");
  CHECK(lake.error_class("SELEC 1") == "[PARSE_SYNTAX_ERROR]");
  CHECK(lake.error_class("SELECT 1/0") == "[DIVIDE_BY_ZERO]");
  CHECK(lake.error_class("SELECT nosuch(1)") == "[UNRESOLVED_ROUTINE]");
  CHECK(lake.error_class("OPTIMIZE t") == "[UNSUPPORTED_FEATURE]");
}

} // namespace pier::lake

#include "lake_fixture.hpp"

namespace pier::lake {

TEST_CASE("lake: merge updates, deletes and inserts at once") {
  LakeFixture lake;
  lake.run(
      "CREATE TABLE t TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true') AS SELECT id, 'old' AS v FROM range(5)");
  lake.run("CREATE TABLE s AS SELECT * FROM VALUES (1, 'one', false), (2, 'two', true), (9, 'nine', false), "
           "(8, NULL, true) AS x(id, v, gone)");
  CHECK(lake.rows("MERGE INTO t USING s ON t.id = s.id "
                  "WHEN MATCHED AND s.gone THEN DELETE "
                  "WHEN MATCHED THEN UPDATE SET t.v = s.v "
                  "WHEN NOT MATCHED AND NOT s.gone THEN INSERT (id, v) VALUES (s.id, upper(s.v)) "
                  "WHEN NOT MATCHED BY SOURCE AND t.id = 4 THEN UPDATE SET v = 'alone'") == "4|2|1|1");
  CHECK(lake.rows("SELECT * FROM t ORDER BY id") == "0|old;1|one;3|old;4|alone;9|NINE");
  CHECK(lake.rows("MERGE INTO t AS a USING (SELECT id, v FROM s WHERE id = 9) AS b ON a.id = b.id "
                  "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *") == "1|1|0|0");
  CHECK(lake.rows("SELECT v FROM t WHERE id = 9") == "nine");
  CHECK(lake.error_class("MERGE INTO t USING (SELECT 1 AS id UNION ALL SELECT 1) s ON t.id = s.id "
                         "WHEN MATCHED THEN UPDATE SET v = 'x'") ==
        "[DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE]");
  CHECK(
      lake.rows("MERGE INTO t USING s ON false WHEN NOT MATCHED AND s.id = 1 THEN INSERT (id, v) VALUES (100, 'n')") ==
      "1|0|0|1");
  CHECK(lake.rows("SELECT count(*) FROM t") == "6");
}

} // namespace pier::lake

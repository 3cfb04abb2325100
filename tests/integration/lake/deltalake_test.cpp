#include "deltalake_python.hpp"
#include "lake_fixture.hpp"

// deltalake (PyPI, delta-rs) is the foreign reader and writer of Delta tables.
namespace pier::lake {
namespace {

constexpr const char* k_read = R"(
import sys
from deltalake import DeltaTable
t = DeltaTable(sys.argv[1], version=int(sys.argv[3]) if len(sys.argv) > 3 else None)
rows = t.to_pyarrow_table().sort_by(sys.argv[2]).to_pylist()
print(';'.join('|'.join('NULL' if v is None else str(v) for v in r.values()) for r in rows))
)";

} // namespace

TEST_CASE("lake: deltalake reads what pier writes") {
  LakeFixture lake;
  lake.run("CREATE TABLE t (id BIGINT NOT NULL, i INT, sm SMALLINT, d DECIMAL(20,3), f DOUBLE, s STRING, ok BOOLEAN, "
           "day DATE, ts TIMESTAMP, b BINARY, list ARRAY<INT>, st STRUCT<a: INT, b: STRING>, m MAP<STRING, INT>) "
           "TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')");
  lake.run("INSERT INTO t SELECT 1, 2, CAST(3 AS SMALLINT), 1234.5, 2.5D, 'x', true, DATE '2024-01-31', "
           "TIMESTAMP '2024-01-31 10:00:00.123456', X'01', array(1, 2), named_struct('a', 1, 'b', 'y'), map('k', 7)");
  lake.run("INSERT INTO t (id) SELECT id + 2 FROM range(3)");
  const auto path = lake.location("main.default.t");
  CHECK(run_python(k_read, {path, "id"}) == "1|2|3|1234.500|2.5|x|True|2024-01-31|2024-01-31 "
                                            "10:00:00.123456+00:00|b'\\x01'|[1, 2]|{'a': 1, 'b': 'y'}|[('k', 7)];"
                                            "2|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL;"
                                            "3|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL;"
                                            "4|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
  lake.run("DELETE FROM t WHERE id = 1");
  lake.run("UPDATE t SET s = 'neu' WHERE id = 3");
  for (int i = 10; i < 20; ++i) {
    lake.run("INSERT INTO t (id, s) VALUES (" + std::to_string(i) + ", 'late')");
  }
  CHECK(run_python("import sys; from deltalake import DeltaTable; t = DeltaTable(sys.argv[1]).to_pyarrow_table(); "
                   "print(t.num_rows, sorted(set(map(str, t['s'].to_pylist()))))",
                   {path}) == "13 ['None', 'late', 'neu']");
  CHECK(run_python(R"(
import sys
from deltalake import DeltaTable
import pyarrow as pa
t = pa.table(DeltaTable(sys.argv[1]).load_cdf(starting_version=3, ending_version=4))
print(sorted(((r['id'], r['s'], r['_change_type'], r['_commit_version']) for r in t.to_pylist()), key=str))
)",
                   {path}) == "[(1, 'x', 'delete', 3), (3, 'neu', 'update_postimage', 4), "
                              "(3, None, 'update_preimage', 4)]");
}

TEST_CASE("lake: deltalake reads partitioned tables of pier") {
  LakeFixture lake;
  lake.run("CREATE TABLE t PARTITIONED BY (day, k) AS SELECT id, DATE '2024-01-01' + CAST(id % 2 AS INT) AS day, "
           "CASE WHEN id = 3 THEN NULL ELSE 'a b/c%' || id % 2 END AS k FROM range(4)");
  CHECK(run_python(k_read, {lake.location("main.default.t"), "id"}) ==
        "0|2024-01-01|a b/c%0;1|2024-01-02|a b/c%1;2|2024-01-01|a b/c%0;3|2024-01-02|NULL");
  CHECK(lake.rows("SELECT * FROM t ORDER BY id") ==
        "0|2024-01-01|a b/c%0;1|2024-01-02|a b/c%1;2|2024-01-01|a b/c%0;3|2024-01-02|NULL");
}

TEST_CASE("lake: pier reads what deltalake writes") {
  LakeFixture lake;
  lake.make_volume("files");
  const auto folder = *lake.catalog->volume_folder("main.default.files");
  run_python(R"(
import sys, datetime as dt, decimal
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
path = sys.argv[1]
def rows(n):
    return pa.table({
        'id': pa.array(range(n), pa.int64()),
        'part': pa.array([f'p {i % 2}/x' if i % 3 else None for i in range(n)]),
        'd': pa.array([decimal.Decimal('1.25')] * n, pa.decimal128(10, 2)),
        'ts': pa.array([dt.datetime(2024, 1, 31, 10, tzinfo=dt.timezone.utc)] * n, pa.timestamp('us', 'UTC')),
        'ntz': pa.array([dt.datetime(2024, 1, 31, 10)] * n, pa.timestamp('us')),
        'list': pa.array([[1, None]] * n, pa.list_(pa.int32())),
    })
write_deltalake(path, rows(6), partition_by=['part'])
t = DeltaTable(path)
t.delete('id = 2')
t.update(updates={'d': '9.99'}, predicate='id = 4')
write_deltalake(path, rows(1), mode='append')
t = DeltaTable(path)
t.create_checkpoint()
write_deltalake(path, rows(1), mode='append')
)",
             {(folder / "foreign").string()});
  const std::string table = "delta.`/Volumes/main/default/files/foreign`";
  CHECK(lake.rows("SELECT id, part, d, ts, ntz, list FROM " + table + " WHERE id IN (1, 4) ORDER BY id") ==
        "1|p 1/x|1.25|2024-01-31T10:00:00.000Z|2024-01-31T10:00:00.000|[1,null];"
        "4|p 0/x|9.99|2024-01-31T10:00:00.000Z|2024-01-31T10:00:00.000|[1,null]");
  CHECK(lake.rows("SELECT count(*), sum(id), count(part) FROM " + table) == "7|13|3");
  CHECK(lake.rows("SELECT count(*) FROM " + table + " VERSION AS OF 0") == "6");
}

} // namespace pier::lake

#include "deltalake_python.hpp"
#include "lake_fixture.hpp"

// Tables at the edges of the protocol: foreign readers of what pier writes, and what only others write, made by
// deltalake or by hand from parquet files and a log.
namespace pier::lake {
namespace {

constexpr const char* k_by_hand = R"(
import json, os, struct, sys
import pyarrow as pa, pyarrow.parquet as pq
path = sys.argv[1]
log = path + '/_delta_log/'
os.makedirs(log)

def field(name, kind, **metadata):
    return {'name': name, 'type': kind, 'nullable': True, 'metadata': metadata}

def start(fields, protocol, **configuration):
    return [{'protocol': protocol},
            {'metaData': {'id': '1', 'format': {'provider': 'parquet', 'options': {}}, 'partitionColumns': [],
                          'schemaString': json.dumps({'type': 'struct', 'fields': fields}),
                          'configuration': configuration}}]

def add(name, table, **more):
    pq.write_table(table, path + '/' + name)
    return {'add': {'path': name, 'partitionValues': {}, 'size': os.path.getsize(path + '/' + name),
                    'modificationTime': 0, 'dataChange': True, **more}}

def commit(version, actions):
    with open(log + f'{version:020}.json', 'w') as file:
        file.write('\n'.join(map(json.dumps, actions)))

)";

/// Runs a script that builds a table by hand; the table's name in SQL.
std::string by_hand(LakeFixture& lake, const std::string& script) {
  lake.make_volume("files");
  const auto folder = *lake.catalog->volume_folder("main.default.files") / "t";
  run_python(k_by_hand + script, {folder.string()});
  return "delta.`/Volumes/main/default/files/t`";
}

} // namespace

TEST_CASE("lake: deltalake reads partitions, changes, merges and checkpoints of pier") {
  LakeFixture lake;
  lake.run("CREATE TABLE t PARTITIONED BY (k) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true') AS "
           "SELECT id, 'v' || id AS v, CASE WHEN id % 3 = 0 THEN NULL ELSE 'k' || id % 3 END AS k FROM range(9)");
  lake.run("CREATE TABLE s AS SELECT id + 7 AS id, 'merged' AS v FROM range(4)");
  lake.run("DELETE FROM t WHERE id = 1");
  lake.run("UPDATE t SET v = 'up', k = NULL WHERE id = 2");
  lake.run("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v "
           "WHEN NOT MATCHED THEN INSERT (id, v, k) VALUES (s.id, s.v, 'new')");
  for (int i = 20; i < 28; ++i) {
    lake.run("INSERT INTO t VALUES (" + std::to_string(i) + ", 'late', 'k1')");
  }
  const auto path = lake.location("main.default.t");
  REQUIRE(std::filesystem::exists(std::filesystem::path(path) / "_delta_log/00000000000000000010.checkpoint.parquet"));
  CHECK(run_python(R"(
import sys
from deltalake import DeltaTable
def show(**options):
    rows = DeltaTable(sys.argv[1], **options).to_pyarrow_table().sort_by('id').to_pylist()
    print(';'.join('|'.join('NULL' if v is None else str(v) for v in r.values()) for r in rows))
show()
show(version=3)
)",
                   {path}) ==
        lake.rows("SELECT * FROM t ORDER BY id") + "\n" + lake.rows("SELECT * FROM t VERSION AS OF 3 ORDER BY id"));
}

TEST_CASE("lake: statistics of pier lead a foreign reader to every row") {
  LakeFixture lake;
  lake.run(
      "CREATE TABLE t (id INT, s STRING, f DOUBLE, d DECIMAL(38,10), day DATE, ts TIMESTAMP, n BIGINT, ok BOOLEAN, b "
      "BINARY, list ARRAY<INT>)");
  lake.run(
      "INSERT INTO t VALUES (1, repeat('z', 100), CAST('NaN' AS DOUBLE), -1234567890123456789012345678.0123456789, "
      "DATE '0001-01-01', TIMESTAMP '1969-12-31 23:59:59.999999', -9223372036854775807, true, X'00', array(1))");
  lake.run(
      "INSERT INTO t VALUES (2, '', -0.0D, 0.0000000001, DATE '9999-12-31', TIMESTAMP '2024-02-29 00:00:00.000001', "
      "9223372036854775807, false, X'', array()), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
  lake.run("INSERT INTO t VALUES (4, 'ü€\U0001F600' || repeat('\U0001F600', 40), CAST('Infinity' AS DOUBLE), 1, "
           "DATE '1970-01-01', TIMESTAMP '1970-01-01 00:00:00', 0, true, NULL, NULL)");
  // Only these have bounds: NaN and infinity have none in JSON.
  lake.run("INSERT INTO t VALUES (5, repeat('y', 100), 1.5D, 2, DATE '1969-12-31', TIMESTAMP '1969-12-31 "
           "23:59:59.999998', 5, true, NULL, NULL)");
  lake.run("INSERT INTO t VALUES (6, repeat('x', 31) || repeat('ü', 9), 3e300, 12345678901234567890.5, NULL, NULL, -5, "
           "false, NULL, NULL)");
  CHECK(run_python(R"(
import sys, datetime as dt, decimal
import pyarrow.dataset as ds
from deltalake import DeltaTable
data = DeltaTable(sys.argv[1]).to_pyarrow_dataset()
def ids(condition):
    return sorted(data.to_table(filter=condition)['id'].to_pylist())
utc = dt.timezone.utc
f = ds.field
print(ids(f('s') == 'z' * 100), ids(f('s') == ''), ids(f('s') >= '\U0001F600'), ids(f('s') == 'ü€\U0001F600' + '\U0001F600' * 40),
      ids(f('f') == 0.0), ids(f('f') > 1e300), ids(f('s').is_null()), ids(f('n') == 9223372036854775807),
      ids(f('d') == decimal.Decimal('0.0000000001')), ids(f('day') == dt.date(9999, 12, 31)),
      ids(f('ts') == dt.datetime(2024, 2, 29, 0, 0, 0, 1, utc)),
      ids(f('ts') == dt.datetime(1969, 12, 31, 23, 59, 59, 999999, utc)),
      ids(f('s') == 'y' * 100), ids(f('s') == 'x' * 31 + 'ü' * 9), ids(f('ok') == True), ids(f('ok') == False),
      ids(f('d') == decimal.Decimal('12345678901234567890.5')), ids(f('b') == b'\x00'), ids(f('b') == b''),
      ids(f('ts') == dt.datetime(1969, 12, 31, 23, 59, 59, 999998, utc)))
)",
                   {lake.location("main.default.t")}) ==
        "[1] [2] [] [4] [2] [4, 6] [3] [2] [2] [2] [2] [1] [5] [6] [1, 4, 5] [2, 6] [6] [1] [2] [5]");
}

TEST_CASE("lake: schemas that grew and checkpoints in parts") {
  LakeFixture lake;
  lake.make_volume("files");
  const auto folder = *lake.catalog->volume_folder("main.default.files") / "t";
  run_python(R"(
import glob, os, sys
import pyarrow as pa, pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
path = sys.argv[1]
for i in range(4):
    write_deltalake(path, pa.table({'id': pa.array([i], pa.int64())}), mode='append')
write_deltalake(path, pa.table({'id': pa.array([9], pa.int64()), 'extra': ['e']}), mode='append', schema_mode='merge')
DeltaTable(path).create_checkpoint()
whole, = glob.glob(path + '/_delta_log/*.checkpoint.parquet')
rows = pq.read_table(whole)
cut = rows.num_rows // 2
stem = whole.removesuffix('.parquet')
pq.write_table(rows.slice(0, cut), stem + '.0000000001.0000000002.parquet')
pq.write_table(rows.slice(cut), stem + '.0000000002.0000000002.parquet')
for gone in [whole, path + '/_delta_log/_last_checkpoint', *sorted(glob.glob(path + '/_delta_log/*.json'))[:4]]:
    os.remove(gone)
write_deltalake(path, pa.table({'id': pa.array([10], pa.int64()), 'extra': ['f']}), mode='append')
)",
             {folder.string()});
  CHECK(lake.rows("SELECT * FROM delta.`/Volumes/main/default/files/t` ORDER BY id") ==
        "0|NULL;1|NULL;2|NULL;3|NULL;9|e;10|f");
}

TEST_CASE("lake: columns under other names in the files") {
  LakeFixture lake;
  const auto table = by_hand(lake, R"(
def mapped(name, kind, number, physical):
    return field(name, kind, **{'delta.columnMapping.id': number, 'delta.columnMapping.physicalName': physical})
inner = {'type': 'struct', 'fields': [mapped('x', 'integer', 3, 'col-x')]}
commit(0, start([mapped('new name', 'long', 1, 'col-a'), mapped('s', inner, 2, 'col-s')],
                {'minReaderVersion': 2, 'minWriterVersion': 5}, **{'delta.columnMapping.mode': 'name'})
       + [add('a.parquet', pa.table({'col-a': pa.array([1, 2], pa.int64()), 'col-s': [{'col-x': 7}, None]}))])
)");
  CHECK(lake.rows("SELECT `new name`, s.x, s FROM " + table + " ORDER BY 1") == "1|7|{\"x\":7};2|NULL|NULL");
}

TEST_CASE("lake: rows of a deletion vector and files of a v2 checkpoint") {
  LakeFixture lake;
  const auto table = by_hand(lake, R"(
def z85(data):
    letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
    out = ''
    for i in range(0, len(data), 4):
        value, = struct.unpack('>I', data[i:i + 4])
        digits = ''
        for _ in range(5):
            value, digit = divmod(value, 85)
            digits = letters[digit] + digits
        out += digits
    return out
deleted = [1, 3]
bitmap = struct.pack('<IIHHI', 12346, 1, 0, len(deleted) - 1, 16) + struct.pack('<HH', *deleted)
vector = struct.pack('<IQI', 1681511377, 1, 0) + bitmap
features = {'minReaderVersion': 3, 'minWriterVersion': 7, 'readerFeatures': ['deletionVectors', 'v2Checkpoint'],
            'writerFeatures': ['deletionVectors', 'v2Checkpoint']}
actions = start([field('id', 'long')], features)
one = add('a.parquet', pa.table({'id': pa.array(range(5), pa.int64())}),
          deletionVector={'storageType': 'i', 'pathOrInlineDv': z85(vector), 'sizeInBytes': len(vector),
                          'cardinality': len(deleted)})
two = add('b.parquet', pa.table({'id': pa.array([10], pa.int64())}))
os.makedirs(log + '_sidecars')
def entry(item):
    item = dict(item['add'])
    vector = item.pop('deletionVector', None)
    return {**item, 'partitionValues': [], 'deletionVector': vector}
kinds = pa.struct([('path', pa.string()), ('partitionValues', pa.map_(pa.string(), pa.string())), ('size', pa.int64()),
                   ('modificationTime', pa.int64()), ('dataChange', pa.bool_()),
                   ('deletionVector', pa.struct([('storageType', pa.string()), ('pathOrInlineDv', pa.string()),
                                                 ('offset', pa.int32()), ('sizeInBytes', pa.int32()),
                                                 ('cardinality', pa.int64())]))])
pq.write_table(pa.table({'add': pa.array([entry(one), entry(two)], kinds)}), log + '_sidecars/side.parquet')
size = os.path.getsize(log + '_sidecars/side.parquet')
with open(log + '00000000000000000000.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json', 'w') as file:
    file.write('\n'.join(map(json.dumps, actions + [
        {'checkpointMetadata': {'version': 0}},
        {'sidecar': {'path': 'side.parquet', 'sizeInBytes': size, 'modificationTime': 0}}])))
commit(1, [add('c.parquet', pa.table({'id': pa.array([20], pa.int64())}))])
)");
  CHECK(lake.rows("SELECT id FROM " + table + " ORDER BY id") == "0;2;4;10;20");
  CHECK(lake.rows("SELECT count(*), sum(id) FROM " + table) == "5|36");
}

TEST_CASE("lake: a feature that pier does not know is refused by its name") {
  LakeFixture lake;
  const auto table = by_hand(lake, R"(
commit(0, start([field('id', 'long')], {'minReaderVersion': 3, 'minWriterVersion': 7,
                                        'readerFeatures': ['variantType'], 'writerFeatures': ['variantType']}))
)");
  const auto result = lake.try_run("SELECT * FROM " + table);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == "UNSUPPORTED_FEATURE");
  CHECK(result.error().message.find("'variantType'") != std::string::npos);
}

} // namespace pier::lake

#include "lake_fixture.hpp"

#include "core/base/text.hpp"

#include <sys/resource.h>

#include <csignal>

namespace pier::lake {
namespace {

const model::TableName k_table{.catalog = "main", .schema = "default", .table = "t"};

/// All columns of all batches as text.
struct Collector {
  std::string out;

  BatchReader reader() {
    return [this](const ColumnBatch& batch) -> Result<void> {
      for (std::size_t row = 0; row < batch.rows; ++row) {
        out += out.empty() ? "" : ";";
        for (std::size_t i = 0; i < batch.columns.size(); ++i) {
          const auto& column = batch.columns[i];
          out += i == 0 ? "" : "|";
          out += !column.is_valid(row)                ? "NULL"
                 : column.type == PhysicalType::int64 ? std::to_string(column.values<std::int64_t>()[row])
                 : column.type == PhysicalType::int32 ? std::to_string(column.values<std::int32_t>()[row])
                 : column.type == PhysicalType::text  ? std::string(column.text(row))
                 : column.type == PhysicalType::json  ? "json:" + std::string(column.text(row))
                 : column.type == PhysicalType::decimal32
                     ? "dec:" + std::to_string(static_cast<int>(column.decimal(row)))
                     : "?";
        }
      }
      return {};
    };
  }
};

std::string changes(LakeFixture& lake, std::int64_t from, std::int64_t to) {
  Collector collector;
  // Version and time of a commit are the last two columns: drop the time by reading only to the version.
  const auto done = lake.lake->read_changes(k_table, from, to, collector.reader());
  INFO((done ? std::string() : done.error().to_string()));
  REQUIRE(done.has_value());
  return replace_all(collector.out, "|?", "");
}

RowBatch batch(std::vector<std::optional<std::string>> cells) {
  return {.columns = {{.name = "id", .type = {.kind = TypeKind::int64}},
                      {.name = "name"},
                      {.name = "at", .type = {.kind = TypeKind::timestamp}}},
          .cells = std::move(cells)};
}

} // namespace

TEST_CASE("lake: a snapshot is read column by column") {
  LakeFixture lake;
  lake.run("CREATE TABLE t AS SELECT id, 'a long text of row ' || id AS name, CAST(id AS DECIMAL(8,2)) AS d, "
           "array(id) AS list, CAST(NULL AS INT) AS nothing FROM range(3)");
  Collector all;
  REQUIRE(lake.lake->read_snapshot(k_table, 0, all.reader()));
  CHECK(all.out == "0|a long text of row 0|dec:0|json:[0]|NULL;1|a long text of row 1|dec:100|json:[1]|NULL;"
                   "2|a long text of row 2|dec:200|json:[2]|NULL");
  Collector some;
  const std::vector<std::string> columns{"id"};
  REQUIRE(lake.lake->read_snapshot(k_table, 0, some.reader(), columns));
  CHECK(some.out == "0;1;2");
}

TEST_CASE("lake: changes come from change files where the feed is on") {
  LakeFixture lake;
  lake.run("CREATE TABLE t (id BIGINT, v STRING) TBLPROPERTIES (delta.enableChangeDataFeed = true)");
  lake.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  lake.run("UPDATE t SET v = 'B' WHERE id = 2");
  lake.run("DELETE FROM t WHERE id = 3");
  CHECK(changes(lake, 1, 1) == "1|a|insert|1;2|b|insert|1;3|c|insert|1");
  CHECK(changes(lake, 2, 2) == "2|b|update_preimage|2;2|B|update_postimage|2");
  CHECK(changes(lake, 3, 3) == "3|c|delete|3");
}

TEST_CASE("lake: changes are told from rewritten files where the feed is off") {
  LakeFixture lake;
  lake.run("CREATE TABLE t (id BIGINT, v STRING)");
  lake.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  lake.run("UPDATE t SET v = 'B' WHERE id = 2");
  lake.run(
      "CREATE OR REPLACE TABLE t AS SELECT CAST(id AS BIGINT) AS id, v FROM VALUES (1, 'a'), (9, 'z') AS x(id, v)");
  CHECK(changes(lake, 2, 2) == "2|b|delete|2;2|B|insert|2");
  lake.run("INSERT INTO t VALUES (10, 'y')");
  CHECK(changes(lake, 4, 4) == "10|y|insert|4");
  lake.run("ALTER TABLE t ADD COLUMNS (extra INT)");
  Collector ignored;
  const auto refused = lake.lake->read_changes(k_table, 4, 5, ignored.reader());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::invalid_state);
}

TEST_CASE("lake: an application's batch is appended once") {
  LakeFixture lake;
  CHECK(*lake.lake->app_transaction(k_table, "app") == std::nullopt);
  const auto rows = batch({"1", "a", "2024-01-31 10:00:00.5+00", "2", std::nullopt, std::nullopt});
  const auto first = lake.lake->append(lake.owner, k_table, rows, AppTransaction{.app_id = "app", .version = 7});
  INFO((first ? std::string() : first.error().to_string()));
  REQUIRE(first.has_value());
  CHECK(*lake.lake->append(lake.owner, k_table, rows, AppTransaction{.app_id = "app", .version = 7}) == *first);
  CHECK(*lake.lake->app_transaction(k_table, "app") == 7);
  CHECK(lake.rows("SELECT * FROM t ORDER BY id") == "1|a|2024-01-31T10:00:00.500Z;2|NULL|NULL");
  auto wider = batch({"3", "c", std::nullopt});
  wider.columns.push_back({.name = "more", .type = {.kind = TypeKind::float64}});
  wider.cells.emplace_back("1.5");
  REQUIRE(lake.lake->append(lake.owner, k_table, wider, AppTransaction{.app_id = "app", .version = 8}));
  CHECK(lake.rows("SELECT id, more FROM t ORDER BY id") == "1|NULL;2|NULL;3|1.5");
}

TEST_CASE("lake: checkpoints are written and read again") {
  LakeFixture lake;
  lake.run("CREATE TABLE t (id BIGINT)");
  for (int i = 1; i <= 23; ++i) {
    lake.run("INSERT INTO t VALUES (" + std::to_string(i) + ")");
  }
  lake.run("DELETE FROM t WHERE id <= 3");
  const std::filesystem::path log = lake.location("main.default.t") + "/_delta_log";
  CHECK(std::filesystem::exists(log / "00000000000000000020.checkpoint.parquet"));
  CHECK(std::filesystem::exists(log / "_last_checkpoint"));
  for (int i = 0; i < 20; ++i) { // as log cleaning leaves it
    std::filesystem::remove(log /
                            ((i < 10 ? "0000000000000000000" : "000000000000000000") + std::to_string(i) + ".json"));
  }
  auto fresh =
      Lake::open({.root = lake.root(), .volumes_root = lake.folder.path() / "volumes"}, *lake.catalog, lake.clock);
  REQUIRE(fresh.has_value());
  CHECK(flatten(*(*fresh)->execute({.caller = lake.owner, .sql = "SELECT count(*), sum(id) FROM t"})) == "20|270");
}

TEST_CASE("lake: a full disk leaves nothing half-written") {
  LakeFixture lake;
  lake.run("CREATE TABLE t AS SELECT id FROM range(10)");
  const auto files = [&] {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::recursive_directory_iterator(lake.location("main.default.t"))) {
      ++count;
    }
    return count;
  };
  const auto before = files();
  // A limit on the size of files stands in for a full disk: writes above it fail (EFBIG).
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  rlimit small{.rlim_cur = 2000, .rlim_max = old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto result = lake.try_run("INSERT INTO t SELECT CAST(rand() * 1000000000 AS BIGINT) FROM range(100000)");
  ::setrlimit(RLIMIT_FSIZE, &old);
  CHECK_FALSE(result.has_value());
  CHECK(files() == before);
  CHECK(lake.rows("SELECT count(*) FROM t") == "10");
  lake.run("INSERT INTO t VALUES (11)");
  CHECK(lake.rows("SELECT count(*) FROM t") == "11");
}

} // namespace pier::lake

#include "lake_fixture.hpp"

#include <atomic>
#include <thread>

namespace pier::lake {

TEST_CASE("lake: SQL reaches no file outside the lake and the volumes") {
  LakeFixture lake;
  lake.make_volume("files");
  for (const auto* sql : {
           "SELECT * FROM read_text('/etc/passwd')",
           "SELECT * FROM '/etc/passwd'",
           "SELECT * FROM read_files('/etc/passwd', format => 'csv')",
           "SELECT * FROM csv.`/etc/passwd`",
           "SELECT * FROM csv.`/Volumes/main/default/files/../../../../../../../../etc/passwd`",
           "SELECT * FROM read_csv('/etc/passwd')",
           "SELECT * FROM glob('/etc/*')",
           "SELECT * FROM duckdb_settings()",
           "SELECT getenv('HOME')",
           "COPY (SELECT 1) TO '/tmp/pier-lake-x'",
           "ATTACH '/tmp/x.db'",
           "INSTALL httpfs",
           "PRAGMA version",
           "SET enable_external_access = true",
           "SELECT * FROM query('SELECT 1')",
           "FROM read_text('/etc/passwd')",
       }) {
    INFO(sql);
    CHECK_FALSE(lake.try_run(sql).has_value());
  }
}

TEST_CASE("lake: a link in a volume leads nowhere") {
  LakeFixture lake;
  lake.make_volume("files");
  const auto folder = *lake.catalog->volume_folder("main.default.files");
  std::filesystem::create_symlink("/etc/passwd", folder / "link.csv");
  std::filesystem::create_directory_symlink("/etc", folder / "etc");
  CHECK_FALSE(lake.try_run("SELECT * FROM read_files('/Volumes/main/default/files/link.csv', format => 'csv')"));
  CHECK_FALSE(lake.try_run("SELECT * FROM read_files('/Volumes/main/default/files/etc/passwd', format => 'csv')"));
  CHECK_FALSE(lake.try_run("SELECT * FROM read_files('/Volumes/main/default/files/', format => 'csv')"));
}

TEST_CASE("lake: another user's table is out of reach, by name and by path") {
  LakeFixture lake;
  lake.make_volume("files");
  lake.run("CREATE TABLE secret AS SELECT 42 AS answer");
  const auto ada = lake.user("ada@pier.test");
  const auto refused = [&](const std::string& sql) {
    INFO(sql);
    auto result = lake.try_run_as(ada, sql);
    CHECK_FALSE(result.has_value());
    return result ? std::string() : result.error().code;
  };
  CHECK(refused("SELECT * FROM secret") == "INSUFFICIENT_PERMISSIONS");
  CHECK(refused("INSERT INTO secret VALUES (1)") == "INSUFFICIENT_PERMISSIONS");
  CHECK(refused("CREATE TABLE mine (a INT)") == "INSUFFICIENT_PERMISSIONS");
  refused("SELECT * FROM delta.`" + lake.location("main.default.secret") + "`");
  refused("SELECT * FROM read_files('/Volumes/main/default/files/x.csv')");
  refused("SELECT (SELECT max(answer) FROM main.default.secret)");
  refused("WITH a AS (SELECT * FROM secret) SELECT * FROM a");
  lake.run("GRANT USE CATALOG ON CATALOG main TO `ada@pier.test`");
  lake.run("GRANT USE SCHEMA ON SCHEMA main.default TO `ada@pier.test`");
  lake.run("GRANT SELECT ON TABLE secret TO `ada@pier.test`");
  CHECK(flatten(*lake.try_run_as(ada, "SELECT answer FROM secret")) == "42");
  CHECK(refused("DELETE FROM secret") == "INSUFFICIENT_PERMISSIONS");
}

TEST_CASE("lake: a view reads with its owner's rights") {
  LakeFixture lake;
  lake.run("CREATE TABLE base AS SELECT id, id * 10 AS ten FROM range(4)");
  lake.run("CREATE VIEW v (k, v) AS SELECT id, ten FROM base WHERE id > 1");
  CHECK(lake.rows("SELECT * FROM v ORDER BY k") == "2|20;3|30");
  const auto ada = lake.user("ada@pier.test");
  lake.run("GRANT USE CATALOG ON CATALOG main TO `ada@pier.test`");
  lake.run("GRANT USE SCHEMA ON SCHEMA main.default TO `ada@pier.test`");
  lake.run("GRANT SELECT ON VIEW v TO `ada@pier.test`");
  CHECK(flatten(*lake.try_run_as(ada, "SELECT sum(v) FROM v")) == "50");
  CHECK_FALSE(lake.try_run_as(ada, "SELECT * FROM base").has_value());
}

TEST_CASE("lake: a cancel is heard whenever it comes") {
  LakeFixture lake;
  lake.run("SELECT 1");
  for (const int spins : {0, 100'000, 10'000'000, 100'000'000}) { // before, while planning, while running
    std::stop_source stop;
    std::jthread canceller([&] {
      for (std::atomic<int> i = 0; i < spins; ++i) {
      }
      stop.request_stop();
    });
    const auto result = lake.lake->execute({.caller = lake.owner,
                                            .sql = "SELECT count(*) FROM range(100000000000) a WHERE a.id % 7 = 3",
                                            .stop = stop.get_token()});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == ErrorKind::interrupted);
  }
}

TEST_CASE("lake: files of a volume are read with their columns") {
  LakeFixture lake;
  lake.make_volume("files");
  const auto folder = *lake.catalog->volume_folder("main.default.files");
  REQUIRE(write_file_atomically(folder / "a.csv", "id,name,when\n1,\"x, y\",2024-01-31T10:00:00Z\n2,,\n"));
  REQUIRE(write_file_atomically(folder / "b.json", "{\"a\":1,\"b\":[1,2]}\n{\"a\":2,\"b\":null}\n"));
  const auto result =
      lake.run("SELECT * EXCEPT (_rescued_data) FROM read_files('/Volumes/main/default/files/a.csv', header => true)");
  CHECK(flatten(result) == "1|x, y|2024-01-31T10:00:00.000Z;2|NULL|NULL");
  CHECK(result.columns[0].type.to_sql() == "INT");
  CHECK(result.columns[2].type.to_sql() == "TIMESTAMP");
  CHECK(lake.rows("SELECT a, b FROM json.`/Volumes/main/default/files/b.json` ORDER BY a") == "1|[1,2];2|NULL");
  CHECK(lake.rows("SELECT count(*) FROM read_files('dbfs:/Volumes/main/default/files/*.csv', format => 'csv')") == "3");
  CHECK(lake.error_class("SELECT * FROM read_files('/Volumes/main/default/files/none.csv')") == "[PATH_NOT_FOUND]");
  CHECK(lake.error_class("SELECT * FROM read_files('/Volumes/main/default/files/a.csv', badOption => 1)") ==
        "[UNSUPPORTED_FEATURE]");
}

} // namespace pier::lake

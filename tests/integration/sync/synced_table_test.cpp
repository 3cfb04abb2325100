#include "tests/support/sync_fixture.hpp"

#include <poll.h>

#include "core/base/text.hpp"

using namespace pier;
using pier::test::SyncFixture;
using pier::test::TextRows;

namespace {

/// The synced table and its source must have the same rows; columns as texts.
void check_equal(SyncFixture& fixture, const std::string& source, const std::string& columns, const std::string& key) {
  auto postgres = fixture.connect_system("shop");
  const auto wanted = fixture.sql("SELECT " + columns + " FROM " + source + " ORDER BY " + key);
  const auto got = SyncFixture::rows_of(postgres, "SELECT " + columns + " FROM gold.t ORDER BY " + key);
  CHECK(got == wanted);
}

} // namespace

TEST_CASE("synced table: every type arrives") {
  SyncFixture fixture;
  fixture.open_all();
  fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql(
      "CREATE TABLE main.gold.source (id BIGINT, b BOOLEAN, i8 TINYINT, i16 SMALLINT, i32 INT, f FLOAT, d DOUBLE, "
      "dec DECIMAL(38,10), small DECIMAL(5,2), s STRING, bin BINARY, day DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, "
      "arr ARRAY<INT>, st STRUCT<a: INT, b: STRING>)");
  fixture.sql(
      "INSERT INTO main.gold.source VALUES (1, true, 1, 2, 3, 1.5, 2.25, 12345678901234567890.0123456789, -0.05, "
      "'it\\'s ü', X'00ff', DATE '2024-02-29', TIMESTAMP '2024-02-29T12:34:56.789012Z', TIMESTAMP_NTZ "
      "'1969-12-31 23:59:59.5', array(1, 2), named_struct('a', 1, 'b', 'x'))");
  fixture.sql("INSERT INTO main.gold.source (id) VALUES (2)");
  const auto made = fixture.make_synced("main.gold.t", "main.gold.source", "id");
  CHECK(made.state == "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT");
  const auto done = fixture.wait_synced("main.gold.t");
  CHECK(done.state == "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE");
  CHECK(done.rows == 2);
  CHECK(fixture.sql("SELECT count(*), max(id) FROM main.gold.t") == TextRows{{"2", "2"}});
  CHECK(fixture.lake->execute({.caller = fixture.owner(), .sql = "INSERT INTO main.gold.t (id) VALUES (3)"})
            .error()
            .code == "EXPECT_TABLE_NOT_VIEW");

  auto postgres = fixture.connect_system("shop");
  REQUIRE(postgres.execute("SET timezone = 'UTC'"));
  const auto rows = SyncFixture::rows_of(postgres, "SELECT * FROM gold.t ORDER BY id");
  REQUIRE(rows.size() == 2);
  CHECK(join(rows[0], "|") ==
        join(std::vector<std::string>{"1", "t", "1", "2", "3", "1.5", "2.25", "12345678901234567890.0123456789",
                                      "-0.05", "it's ü", "\\x00ff", "2024-02-29", "2024-02-29 12:34:56.789012+00",
                                      "1969-12-31 23:59:59.5", "[1, 2]", R"({"a": 1, "b": "x"})"},
             "|"));
  CHECK(rows[1] == std::vector<std::string>{"2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL",
                                            "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"});
  const auto types = SyncFixture::rows_of(
      postgres, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'gold.t'::regclass AND "
                "attname IN ('dec', 'ts', 'st') ORDER BY attnum");
  CHECK(types == TextRows{{"numeric(38,10)"}, {"timestamp with time zone"}, {"jsonb"}});
}

TEST_CASE("synced table: it can only be read, and a bound app may read it") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT 1 AS id, 'a' AS name");
  fixture.make_synced("main.gold.t", "main.gold.source", "id");
  fixture.wait_synced("main.gold.t");

  auto owner = fixture.connect_owner(instance);
  for (const auto* write :
       {"INSERT INTO gold.t VALUES (2, 'b')", "UPDATE gold.t SET name = 'x'", "DELETE FROM gold.t", "TRUNCATE gold.t",
        "DROP TABLE gold.t", "ALTER TABLE gold.t DISABLE TRIGGER ALL", "UPDATE pier.sync_state SET version = 7"}) {
    CAPTURE(write);
    CHECK(lakebase::sql_state(owner.execute(write).error()) == "42501");
  }
  const auto app = fixture.identity->create_service_principal("app").value();
  REQUIRE(fixture.lakebase->bind_service_principal("shop", "databricks_postgres", app.principal.name));
  auto client = fixture.connect(SyncFixture::client(
      instance, app.principal.name, fixture.token(fixture.identity->caller_of(app.principal.id).value())));
  CHECK(SyncFixture::rows_of(client, "SELECT name FROM gold.t WHERE id = 1") == TextRows{{"a"}});
  CHECK(lakebase::sql_state(client.execute("DELETE FROM gold.t").error()) == "42501");

  // A grant by hand outlives the swap of the next run.
  REQUIRE(fixture.lakebase->create_role("shop", {.name = "admins", .identity_type = "GROUP", .spec = Json::object()}));
  REQUIRE(owner.execute("GRANT USAGE ON SCHEMA gold TO admins; GRANT SELECT ON gold.t TO admins"));
  fixture.sql("INSERT INTO main.gold.source VALUES (2, 'b')");
  REQUIRE(fixture.sync->refresh(model::TableName::parse("main.gold.t").value(), false));
  CHECK(fixture.wait_synced("main.gold.t").rows == 2);
  auto group = fixture.connect(SyncFixture::client(instance, "admins", fixture.token(fixture.owner())));
  CHECK(SyncFixture::rows_of(group, "SELECT count(*) FROM gold.t") == TextRows{{"2"}});
}

TEST_CASE("synced table: rows without key are left out, double keys fail and are named") {
  SyncFixture fixture;
  fixture.open_all();
  fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT * FROM VALUES (1, 'a'), (NULL, 'x'), (2, 'b') AS v(id, name)");
  fixture.make_synced("main.gold.t", "main.gold.source", "id");
  const auto done = fixture.wait_synced("main.gold.t");
  CHECK(done.rows == 2);
  CHECK(done.message.find("1 without primary key left out") != std::string::npos);

  fixture.sql("INSERT INTO main.gold.source VALUES (2, 'again')");
  const auto name = model::TableName::parse("main.gold.t").value();
  REQUIRE(fixture.sync->refresh(name, false));
  CHECK_FALSE(fixture.sync->wait_until_synced(name, pier::test::k_hang_limit));
  const auto failed = fixture.sync->table(name).value();
  CHECK(failed.state == "SYNCED_TABLE_ONLINE_PIPELINE_FAILED");
  CHECK(failed.message.find("(id)=(2)") != std::string::npos);
  auto postgres = fixture.connect_system("shop");
  CHECK(SyncFixture::rows_of(postgres, "SELECT count(*) FROM gold.t") == TextRows{{"2"}}); // the old rows stay
  CHECK(SyncFixture::rows_of(postgres, "SELECT count(*) FROM pg_class WHERE relname LIKE 'sync\\_%' AND relkind = 'r' "
                                       "AND relname <> 'sync_state'") == TextRows{{"0"}});

  fixture.sql("CREATE TABLE main.gold.series AS SELECT * FROM VALUES (1, 1, 'old'), (1, 2, 'new') AS v(id, at, name)");
  fixture.make_synced("main.gold.newest", "main.gold.series", "id", "SNAPSHOT", "at");
  fixture.wait_synced("main.gold.newest");
  CHECK(SyncFixture::rows_of(postgres, "SELECT name FROM gold.newest") == TextRows{{"new"}});
}

TEST_CASE("synced table: TRIGGERED follows its source by changes, with and without change data feed") {
  for (const bool feed : {true, false}) {
    CAPTURE(feed);
    SyncFixture fixture;
    fixture.open_all();
    fixture.create("shop");
    fixture.sql("CREATE SCHEMA main.gold");
    fixture.sql("CREATE TABLE main.gold.source (id BIGINT, name STRING, n INT)" +
                std::string(feed ? " TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')" : ""));
    fixture.sql("INSERT INTO main.gold.source SELECT id, concat('name ', id), CAST(id % 10 AS INT) FROM range(1000)");
    fixture.make_synced("main.gold.t", "main.gold.source", "id", "TRIGGERED");
    fixture.wait_synced("main.gold.t");
    auto postgres = fixture.connect_system("shop");
    const auto relation = SyncFixture::rows_of(postgres, "SELECT 'gold.t'::regclass::oid");
    for (const auto* change :
         {"INSERT INTO main.gold.source VALUES (5000, 'new', 1)",
          "UPDATE main.gold.source SET name = 'changed' WHERE n = 3", "DELETE FROM main.gold.source WHERE n = 4",
          "UPDATE main.gold.source SET id = id + 100000 WHERE n = 5"}) {
      CAPTURE(change);
      fixture.sql(change);
      fixture.sync->source_changed(model::TableName::parse("main.gold.source").value());
      fixture.wait_synced("main.gold.t");
      check_equal(fixture, "main.gold.source", "id, name, n", "id");
    }
    // The same table all along: no snapshot was taken.
    CHECK(SyncFixture::rows_of(postgres, "SELECT 'gold.t'::regclass::oid") == relation);
    const auto table = fixture.sync->table(model::TableName::parse("main.gold.t").value()).value();
    CHECK(table.version == table.source_version);
    CHECK(SyncFixture::rows_of(postgres, "SELECT row_count FROM pier.sync_state") ==
          SyncFixture::rows_of(postgres, "SELECT count(*) FROM gold.t"));
  }
}

TEST_CASE("synced table: TRIGGERED notices a new version by itself, and takes new columns by a snapshot") {
  SyncFixture fixture;
  fixture.open_all();
  fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT 1 AS id, 'a' AS name");
  fixture.make_synced("main.gold.t", "main.gold.source", "id", "TRIGGERED");
  fixture.wait_synced("main.gold.t");
  fixture.sql("CREATE OR REPLACE TABLE main.gold.source AS SELECT 1 AS id, 'a' AS name, 2.5D AS extra");
  auto postgres = fixture.connect_system("shop");
  while (!postgres.query("SELECT extra FROM gold.t")) {
    ::poll(nullptr, 0, 5);
  }
  CHECK(SyncFixture::rows_of(postgres, "SELECT id, name, extra FROM gold.t") == TextRows{{"1", "a", "2.5"}});
}

TEST_CASE("synced table: a view on it keeps working over snapshots") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT 1 AS id, 'a' AS name");
  fixture.make_synced("main.gold.t", "main.gold.source", "id");
  fixture.wait_synced("main.gold.t");
  auto owner = fixture.connect_owner(instance);
  REQUIRE(owner.execute("CREATE SCHEMA app; CREATE VIEW app.v AS SELECT name FROM gold.t"));
  fixture.sql("INSERT INTO main.gold.source VALUES (2, 'b')");
  REQUIRE(fixture.sync->refresh(model::TableName::parse("main.gold.t").value(), true));
  fixture.wait_synced("main.gold.t");
  CHECK(SyncFixture::rows_of(owner, "SELECT count(*) FROM app.v") == TextRows{{"2"}});
}

TEST_CASE("synced table: bad requests are refused at once") {
  SyncFixture fixture;
  fixture.open_all();
  fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT 1 AS id, 'a' AS name");
  const auto create = [&](const std::string& source, const std::string& key, const std::string& instance) {
    return fixture.sync->create_table(fixture.owner(),
                                      Json::object({{"name", "main.gold.t"},
                                                    {"database_instance_name", instance},
                                                    {"logical_database_name", "databricks_postgres"},
                                                    {"spec", Json::object({{"source_table_full_name", source},
                                                                           {"primary_key_columns", Json::array({key})},
                                                                           {"scheduling_policy", "SNAPSHOT"}})}}));
  };
  CHECK(create("main.gold.nothing", "id", "shop").error().kind == ErrorKind::not_found);
  CHECK(create("main.gold.source", "idd", "shop").error().hint == "did you mean id?");
  CHECK(create("main.gold.source", "id", "nowhere").error().code == "RESOURCE_DOES_NOT_EXIST");
  REQUIRE(create("main.gold.source", "id", "shop"));
  CHECK(create("main.gold.source", "id", "shop").error().code == "RESOURCE_ALREADY_EXISTS");
  fixture.wait_synced("main.gold.t");
  // A table of somebody else is left alone.
  auto postgres = fixture.connect_system("shop");
  REQUIRE(postgres.execute("CREATE TABLE gold.mine (id int)"));
  fixture.make_synced("main.gold.mine", "main.gold.source", "id");
  const auto refused =
      fixture.sync->wait_until_synced(model::TableName::parse("main.gold.mine").value(), pier::test::k_hang_limit);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("exists and belongs to") != std::string::npos);
}

TEST_CASE("synced table: deleting leaves an ordinary table, purging drops it, and both names are free again") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT 1 AS id, 'a' AS name");
  const auto name = model::TableName::parse("main.gold.t").value();
  auto owner = fixture.connect_owner(instance);

  fixture.make_synced("main.gold.t", "main.gold.source", "id");
  fixture.wait_synced("main.gold.t");
  REQUIRE(fixture.sync->delete_table(fixture.owner(), name, false));
  CHECK(owner.execute("UPDATE gold.t SET name = 'mine now'"));
  CHECK(fixture.sync->table(name).error().code == "RESOURCE_DOES_NOT_EXIST");

  fixture.make_synced("main.gold.t", "main.gold.source", "id");
  fixture.wait_synced("main.gold.t");
  CHECK(SyncFixture::rows_of(owner, "SELECT name FROM gold.t") == TextRows{{"a"}});
  REQUIRE(fixture.sync->delete_table(fixture.owner(), name, true));
  CHECK_FALSE(owner.execute("SELECT 1 FROM gold.t"));
}

TEST_CASE("synced table: a run that was cut off is done by the next daemon, a sleeping instance is woken") {
  SyncFixture fixture;
  fixture.open_all();
  fixture.create("shop");
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT id, concat('name ', id) AS name FROM range(300000)");
  fixture.make_synced("main.gold.t", "main.gold.source", "id");
  fixture.close_all(); // in the middle of it, most likely
  fixture.open_all();
  CHECK(fixture.lakebase->instance("shop")->state == lakebase::InstanceState::available);
  CHECK(fixture.wait_synced("main.gold.t").rows == 300000);

  REQUIRE(fixture.lakebase->sleep_now("shop"));
  REQUIRE(fixture.sync->refresh(model::TableName::parse("main.gold.t").value(), false));
  fixture.wait_synced("main.gold.t");
  CHECK(fixture.lakebase->is_awake("shop"));
}

TEST_CASE("database catalog: names the instance and the database of its synced tables") {
  SyncFixture fixture;
  fixture.open_all();
  fixture.create("shop");
  const auto body =
      Json::object({{"name", "shop_catalog"}, {"database_instance_name", "shop"}, {"database_name", "orders"}});
  CHECK(fixture.sync->create_catalog(fixture.owner(), body).error().code == "INVALID_PARAMETER_VALUE");
  auto with_database = body;
  with_database["create_database_if_not_exists"] = true;
  REQUIRE(fixture.sync->create_catalog(fixture.owner(), with_database));
  fixture.sql("CREATE SCHEMA main.gold");
  fixture.sql("CREATE TABLE main.gold.source AS SELECT 1 AS id");
  const auto made = fixture.sync->create_table(
      fixture.owner(), Json::object({{"name", "shop_catalog.gold.t"},
                                     {"spec", Json::object({{"source_table_full_name", "main.gold.source"},
                                                            {"primary_key_columns", Json::array({"id"})},
                                                            {"scheduling_policy", "SNAPSHOT"},
                                                            {"create_database_objects_if_missing", true}})}}));
  REQUIRE_MESSAGE(made, (made ? "" : made.error().to_string()));
  CHECK(made->database == "orders");
  fixture.wait_synced("shop_catalog.gold.t");
  auto postgres = fixture.connect_system("shop", "orders");
  CHECK(SyncFixture::rows_of(postgres, "SELECT count(*) FROM gold.t") == TextRows{{"1"}});
  REQUIRE(fixture.sync->delete_catalog(fixture.owner(), "shop_catalog"));
  CHECK(fixture.sync->tables()->empty());
}

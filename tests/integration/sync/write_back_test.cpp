#include "tests/support/sync_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace pier;
using pier::test::ForwardingLake;
using pier::test::SyncFixture;
using pier::test::TextRows;

namespace {

constexpr const char* k_history = "main.app.lb_decisions_history";

constexpr const char* k_make_table =
    "CREATE SCHEMA app; CREATE TABLE app.decisions (id bigint PRIMARY KEY, flight text, "
    "amount numeric(10,2), at timestamptz, approved boolean); ALTER TABLE "
    "app.decisions REPLICA IDENTITY FULL";

bool has(const TextRows& rows, std::size_t count) {
  return rows.size() >= count;
}

/// Kills this process around a Delta commit of a write-back.
class KillingLake final : public ForwardingLake {
 public:
  enum class Moment { before_commit, after_commit };

  KillingLake(lake::Lake& inner, Moment moment)
      : ForwardingLake(inner),
        moment_(moment) {}

  Result<std::int64_t> append(const identity::Caller& caller, const model::TableName& table, const lake::RowBatch& rows,
                              const std::optional<lake::AppTransaction>& transaction) override {
    bool armed = false;
    for (const auto& cell : rows.cells) {
      armed = armed || cell == "die here";
    }
    if (armed && moment_ == Moment::before_commit) {
      ::kill(::getpid(), SIGKILL);
    }
    auto version = ForwardingLake::append(caller, table, rows, transaction);
    if (armed) {
      ::kill(::getpid(), SIGKILL);
    }
    return version;
  }

 private:
  Moment moment_;
};

/// A daemon in a child process that works in `folder`, writes 20 rows, and dies at the wanted moment.
void run_until_killed(const std::filesystem::path& folder, KillingLake::Moment moment) {
  const pid_t child = ::fork();
  if (child == 0) {
    SyncFixture inner;
    inner.identity.reset();
    inner.database.reset();
    std::filesystem::remove_all(inner.folder.path()); // its own, which nobody would remove
    inner.database = store::Database::open(folder / "workspace.db").value();
    inner.identity = identity::Identity::open(*inner.database, inner.clock).value();
    inner.template_sql = sync::database_template_sql();
    inner.catalog =
        catalog::Catalog::open(*inner.database, inner.clock, folder / "lake", folder / "volumes", inner.identity.get())
            .value();
    inner.lake = lake::Lake::open({.root = folder / "lake", .volumes_root = folder / "volumes", .threads = 1},
                                  *inner.catalog, inner.clock)
                     .value();
    inner.lakebase =
        lakebase::Lakebase::open(
            *inner.database, *inner.identity, inner.clock,
            {.folder = folder / "lakebase", .tls_folder = folder / "tls", .database_template_sql = inner.template_sql})
            .value();
    KillingLake killing(*inner.lake, moment);
    inner.sync =
        sync::SyncService::open(*inner.database, *inner.identity, *inner.catalog, killing, *inner.lakebase, inner.clock)
            .value();
    inner.create("shop");
    auto connection =
        lakebase::PgConnection::connect(inner.lakebase->system_connection("shop", "databricks_postgres").value())
            .value();
    connection.execute(k_make_table).value();
    for (int i = 1; i <= 20; ++i) {
      const auto note = i == 15 ? "die here" : "row";
      connection.execute("INSERT INTO app.decisions VALUES (" + std::to_string(i) + ", '" + note + "', 1, now(), true)")
          .value();
    }
    ::pause(); // the consumer ends this process
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
}

} // namespace

TEST_CASE("write-back: changes arrive in the history table with their columns") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  auto owner = fixture.connect_owner(instance);
  REQUIRE(owner.execute(k_make_table));
  REQUIRE(owner.execute("INSERT INTO app.decisions VALUES (1, 'UA 1', 10.50, '2024-01-31 10:00:00+00', NULL)"));
  fixture.sql_until(std::string("SELECT * FROM ") + k_history, [](const auto& rows) { return has(rows, 1); });
  REQUIRE(owner.execute("UPDATE app.decisions SET approved = true WHERE id = 1"));
  REQUIRE(owner.execute("DELETE FROM app.decisions"));
  const auto rows = fixture.sql_until(std::string("SELECT id, flight, amount, at, approved, _pg_change_type FROM ") +
                                          k_history + " ORDER BY _sort_by",
                                      [](const auto& found) { return has(found, 4); });
  using Row = std::vector<std::string>;
  REQUIRE(rows.size() == 4);
  CHECK(rows[0] == Row{"1", "UA 1", "10.50", "2024-01-31T10:00:00.000Z", "NULL", "insert"});
  CHECK(rows[1].back() == "update_preimage");
  CHECK(rows[2] == Row{"1", "UA 1", "10.50", "2024-01-31T10:00:00.000Z", "true", "update_postimage"});
  CHECK(rows[3].back() == "delete");
  const auto meta = fixture.sql(std::string("SELECT count(DISTINCT _pg_lsn), count(DISTINCT _pg_xid), "
                                            "count(DISTINCT _sort_by), min(_timestamp) IS NOT NULL FROM ") +
                                k_history);
  CHECK(meta == TextRows{{"3", "3", "4", "true"}});
  const auto status = fixture.sync->write_back("shop");
  REQUIRE(status.size() == 1);
  CHECK(status.front().history_table == k_history);
  CHECK(status.front().state == "STREAMING");
}

TEST_CASE("write-back: rows that were there before, in and after the opt-in come once each") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  auto owner = fixture.connect_owner(instance);
  REQUIRE(owner.execute("CREATE SCHEMA app; CREATE TABLE app.decisions (id int PRIMARY KEY); INSERT INTO app.decisions "
                        "SELECT generate_series(1, 10); ALTER TABLE app.decisions REPLICA IDENTITY FULL"));
  fixture.sql_until(std::string("SELECT * FROM ") + k_history, [](const auto& rows) { return has(rows, 10); });
  // A second table, now that the stream runs: seeds before and after the opt-in in one transaction.
  REQUIRE(
      owner.execute("BEGIN; CREATE TABLE app.other (id int PRIMARY KEY); INSERT INTO app.other VALUES (1); ALTER TABLE "
                    "app.other REPLICA IDENTITY FULL; INSERT INTO app.other VALUES (2); ALTER TABLE app.other ADD "
                    "COLUMN note text; INSERT INTO app.other VALUES (3, 'x'); COMMIT"));
  const auto rows = fixture.sql_until("SELECT id, note, _pg_change_type FROM main.app.lb_other_history ORDER BY id",
                                      [](const auto& found) { return has(found, 3); });
  CHECK(rows == TextRows{{"1", "NULL", "insert"}, {"2", "NULL", "insert"}, {"3", "x", "insert"}});
  CHECK(fixture.sql(std::string("SELECT count(*), count(DISTINCT id) FROM ") + k_history) == TextRows{{"10", "10"}});
}

TEST_CASE("write-back: a table that joins while the slot is being made comes once, too") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  auto first = fixture.connect_owner(instance);
  auto second = fixture.connect_owner(instance);
  REQUIRE(first.execute("CREATE SCHEMA app"));
  // The making of a slot waits for transactions that are open.
  auto open = fixture.connect_owner(instance);
  REQUIRE(open.execute("BEGIN; CREATE TABLE app.open (id int)"));
  REQUIRE(first.execute("CREATE TABLE app.decisions (id int PRIMARY KEY); ALTER TABLE app.decisions REPLICA IDENTITY "
                        "FULL; INSERT INTO app.decisions VALUES (1)"));
  auto system = fixture.connect_system("shop");
  while (SyncFixture::rows_of(system, "SELECT 1 FROM pg_replication_slots").empty()) {
  }
  REQUIRE(second.execute("CREATE TABLE app.other (id int PRIMARY KEY); INSERT INTO app.other VALUES (1); ALTER TABLE "
                         "app.other REPLICA IDENTITY FULL; INSERT INTO app.other VALUES (2)"));
  REQUIRE(second.execute("INSERT INTO app.other VALUES (3)"));
  CHECK(SyncFixture::rows_of(system, "SELECT confirmed_flush_lsn FROM pg_replication_slots") == TextRows{{"NULL"}});
  REQUIRE(open.execute("COMMIT"));
  REQUIRE(second.execute("INSERT INTO app.other VALUES (4)"));
  const auto rows = fixture.sql_until("SELECT id FROM main.app.lb_other_history ORDER BY id",
                                      [](const auto& found) { return has(found, 4); });
  CHECK(rows == TextRows{{"1"}, {"2"}, {"3"}, {"4"}});
  fixture.sql_until(std::string("SELECT id FROM ") + k_history, [](const auto& found) { return has(found, 1); });
}

TEST_CASE("write-back: tables that did not opt in stay out, also one without a key") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  auto owner = fixture.connect_owner(instance);
  REQUIRE(owner.execute(k_make_table));
  REQUIRE(
      owner.execute("CREATE TABLE app.plain (a int); INSERT INTO app.plain VALUES (1); UPDATE app.plain SET a = 2"));
  REQUIRE(owner.execute("INSERT INTO app.decisions (id) VALUES (1)"));
  fixture.sql_until(std::string("SELECT * FROM ") + k_history, [](const auto& rows) { return has(rows, 1); });
  CHECK_FALSE(fixture.lake->latest_version({.catalog = "main", .schema = "app", .table = "lb_plain_history"}));
  // Nobody can put rows into the stream by hand.
  CHECK(lakebase::sql_state(owner.execute("SELECT pg_logical_emit_message(true, 'pier.row:1', '[]')").error()) ==
        "42501");
}

TEST_CASE("write-back: it does not keep the instance awake, takes everything before sleep, goes on after") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  {
    auto owner = fixture.connect_owner(instance);
    REQUIRE(owner.execute(k_make_table));
    for (int i = 0; i < 50; ++i) {
      REQUIRE(owner.execute("INSERT INTO app.decisions (id) VALUES (" + std::to_string(i) + ")"));
    }
  }
  REQUIRE(fixture.lakebase->sleep_now("shop"));
  CHECK(fixture.sql(std::string("SELECT count(*) FROM ") + k_history) == TextRows{{"50"}});
  CHECK_FALSE(fixture.lakebase->is_awake("shop"));
  REQUIRE(fixture.lakebase->set_idle_timeout("shop", std::chrono::seconds(1)));
  pid_t server = 0;
  {
    const auto lease = fixture.lakebase->use("shop");
    auto owner = fixture.connect_owner(instance);
    REQUIRE(owner.execute("INSERT INTO app.decisions (id) VALUES (100)"));
    server = fixture.postmaster_pid("shop");
  }
  CHECK(SyncFixture::ends(server));
  CHECK_FALSE(fixture.lakebase->is_awake("shop"));
  CHECK(fixture.sql(std::string("SELECT count(*), count(DISTINCT id) FROM ") + k_history) == TextRows{{"51", "51"}});
}

TEST_CASE("write-back: exactly once when the daemon is killed before or after the Delta commit") {
  for (const auto moment : {KillingLake::Moment::before_commit, KillingLake::Moment::after_commit}) {
    CAPTURE(static_cast<int>(moment));
    SyncFixture fixture;
    fixture.identity.reset();
    fixture.database.reset();
    run_until_killed(fixture.folder.path(), moment);
    fixture.database = store::Database::open(fixture.folder.path() / "workspace.db").value();
    fixture.identity = identity::Identity::open(*fixture.database, fixture.clock).value();
    fixture.open_all();
    // Nobody connects: the daemon itself wakes the instance that was cut off.
    const auto rows = fixture.sql_until(std::string("SELECT id FROM ") + k_history + " ORDER BY id",
                                        [](const auto& found) { return has(found, 20); });
    CHECK(rows.size() == 20);
    CHECK(fixture.sql(std::string("SELECT count(*), count(DISTINCT id) FROM ") + k_history) == TextRows{{"20", "20"}});
    const auto instance = fixture.lakebase->instance("shop").value();
    auto owner = fixture.connect_owner(instance);
    REQUIRE(owner.execute("INSERT INTO app.decisions (id) VALUES (21)"));
    fixture.sql_until(std::string("SELECT id FROM ") + k_history, [](const auto& found) { return has(found, 21); });
    CHECK(fixture.sql(std::string("SELECT count(*), count(DISTINCT id) FROM ") + k_history) == TextRows{{"21", "21"}});
  }
}

TEST_CASE("write-back: the database catalog is the target, and a second database is found") {
  SyncFixture fixture;
  fixture.open_all();
  const auto instance = fixture.create("shop");
  REQUIRE(fixture.sync->create_catalog(fixture.owner(), Json::object({{"name", "shop_catalog"},
                                                                      {"database_instance_name", "shop"},
                                                                      {"database_name", "orders"},
                                                                      {"create_database_if_not_exists", true}})));
  auto owner = fixture.connect(SyncFixture::client(instance, fixture.owner().principal.name,
                                                   fixture.token(fixture.owner()), "sslmode=require", "orders"));
  REQUIRE(owner.execute("CREATE SCHEMA app; CREATE TABLE app.decisions (id int PRIMARY KEY); ALTER TABLE app.decisions "
                        "REPLICA IDENTITY FULL; INSERT INTO app.decisions VALUES (1)"));
  const auto rows = fixture.sql_until("SELECT id FROM shop_catalog.app.lb_decisions_history",
                                      [](const auto& found) { return has(found, 1); });
  CHECK(rows == TextRows{{"1"}});
}

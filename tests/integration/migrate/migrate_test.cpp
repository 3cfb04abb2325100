#include "core/migrate/app_access.hpp"
#include "core/migrate/migrator.hpp"
#include "temp_postgres.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace pier;
using namespace pier::migrate;

namespace {

MigrationSet set_of(const std::vector<std::pair<std::string, std::string>>& files) {
  MigrationSet set{.instance = "desk", .database = "app"};
  Diagnostics diagnostics;
  for (const auto& [name, text] : files) {
    set.files.push_back(parse_migration("migrations/desk/app/" + name, text, diagnostics));
  }
  REQUIRE_FALSE(diagnostics.has_errors());
  return set;
}

ApplyReport applied(Connection& connection, const MigrationSet& set, const ApplyOptions& options = {}) {
  auto report = apply_migrations(connection, set, options);
  REQUIRE_MESSAGE(report, report.error().to_string());
  return std::move(*report);
}

std::string value(Connection& connection, const std::string& sql) {
  const auto rows = connection.query(sql);
  REQUIRE_MESSAGE(rows, rows.error().to_string());
  return rows->empty() ? "nothing" : rows->front().front().value_or("null");
}

constexpr const char* k_table = "CREATE TABLE t (id int PRIMARY KEY);\nINSERT INTO t VALUES (1);";

} // namespace

TEST_CASE("migrate: applies in order, remembers, and has nothing to do the second time") {
  const TempPostgres server;
  auto connection = server.connect();
  const auto set = set_of({{"V1__t.sql", k_table}, {"V2__more.sql", "INSERT INTO t VALUES (2);"}});
  CHECK(migration_status(connection, set)->front().state == MigrationState::pending);
  CHECK(value(connection, "SELECT to_regclass('pier.migration') IS NULL") == "t"); // status writes nothing

  CHECK(applied(connection, set).applied.size() == 2);
  CHECK(applied(connection, set).applied.empty());
  CHECK(value(connection, "SELECT count(*) FROM t") == "2");
  const auto statuses = migration_status(connection, set);
  REQUIRE(statuses);
  CHECK(statuses->back().state == MigrationState::applied);
  CHECK(statuses->back().actor == "owner");
}

TEST_CASE("migrate: a failure leaves nothing of the file and shows the place") {
  const TempPostgres server;
  auto connection = server.connect();
  const auto set = set_of({{"V1__t.sql", k_table},
                           {"V2__bad.sql", "INSERT INTO t VALUES (2);\n\nINSERT INTO t\n  SELECT 'é', nope FROM t;"},
                           {"V3__never.sql", "INSERT INTO t VALUES (3);"}});
  const auto report = applied(connection, set);
  CHECK(report.applied.size() == 1);
  REQUIRE(report.diagnostics.count(Severity::error) == 1);
  const auto& problem = report.diagnostics.all()[0];
  CHECK(problem.code == "PIER8420");
  CHECK(problem.summary == "column \"nope\" does not exist");
  CHECK(problem.detail == "SQLSTATE 42703\nnothing of this file is applied");
  CHECK(problem.spans[0] == SourceSpan{"migrations/desk/app/V2__bad.sql", 4, 15, 4, 19});
  CHECK(problem.related[0].span.line == 3);
  CHECK(value(connection, "SELECT count(*) FROM t") == "1");

  const auto corrected = set_of({{"V1__t.sql", k_table}, {"V2__bad.sql", "INSERT INTO t VALUES (2);"}});
  CHECK(applied(connection, corrected).applied.size() == 1);
}

TEST_CASE("migrate: a deferred constraint fails at the commit and leaves nothing") {
  const TempPostgres server;
  auto connection = server.connect();
  const auto set = set_of({{"V1__t.sql", "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a "
                                         "DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO b VALUES (1);"}});
  const auto report = applied(connection, set);
  REQUIRE(report.diagnostics.has_errors());
  CHECK(report.diagnostics.all()[0].detail.find("SQLSTATE 23503") == 0);
  CHECK(value(connection, "SELECT to_regclass('a') IS NULL") == "t");
}

TEST_CASE("migrate: a changed, missing or late file stops everything") {
  const TempPostgres server;
  auto connection = server.connect();
  (void)applied(connection, set_of({{"V1__t.sql", k_table}, {"V3__x.sql", "SELECT 1;"}}));
  const auto report = applied(connection, set_of({{"V1__t.sql", "SELECT 2;"},
                                                  {"V2__late.sql", "INSERT INTO t VALUES (2);"},
                                                  {"V4__new.sql", "INSERT INTO t VALUES (4);"}}));
  CHECK(report.applied.empty());
  REQUIRE(report.diagnostics.count(Severity::error) == 3);
  CHECK(report.diagnostics.all()[0].code == "PIER8421");
  CHECK(report.diagnostics.all()[1].code == "PIER8423");
  CHECK(report.diagnostics.all()[2].code == "PIER8422");
  CHECK(value(connection, "SELECT count(*) FROM t") == "1");

  const auto late = set_of({{"V1__t.sql", k_table}, {"V2__late.sql", "SELECT 1;"}, {"V3__x.sql", "SELECT 1;"}});
  ApplyOptions allowing;
  allowing.allow_out_of_order = true;
  CHECK(applied(connection, late, allowing).applied.size() == 1);
}

TEST_CASE("migrate: without transaction each statement counts, and the next run goes on") {
  const TempPostgres server;
  auto connection = server.connect();
  const std::string head =
      "-- pier:transaction off\nCREATE TABLE t (id int);\nCREATE INDEX CONCURRENTLY i ON t (id);\n";
  const auto broken = set_of({{"V1__t.sql", head + "INSERT INTO nowhere VALUES (1);"}});
  const auto report = applied(connection, broken);
  REQUIRE(report.diagnostics.has_errors());
  CHECK(report.diagnostics.all()[0].detail.find("2 of 3 statements of this file are applied") != std::string::npos);
  CHECK(value(connection, "SELECT to_regclass('i') IS NOT NULL") == "t");
  CHECK(migration_status(connection, broken)->front().state == MigrationState::partial);

  const auto corrected = set_of({{"V1__t.sql", head + "INSERT INTO t VALUES (1);"}});
  const auto rest = applied(connection, corrected);
  REQUIRE(rest.applied.size() == 1);
  CHECK(rest.applied[0].statements == 1);
  CHECK(applied(connection, corrected).applied.empty());

  const auto rewritten = set_of({{"V1__t.sql", "-- pier:transaction off\nSELECT 1;"}});
  CHECK(applied(connection, rewritten).diagnostics.has_errors());
}

TEST_CASE("migrate: CONCURRENTLY inside a transaction says what to do") {
  const TempPostgres server;
  auto connection = server.connect();
  const auto report =
      applied(connection, set_of({{"V1__i.sql", "CREATE TABLE t (id int);\nCREATE INDEX CONCURRENTLY i ON t (id);"}}));
  REQUIRE(report.diagnostics.has_errors());
  CHECK(report.diagnostics.all()[0].help == "put it into a file of its own that begins with: -- pier:transaction off");
}

TEST_CASE("migrate: repeatable files run again when they change, after the others") {
  const TempPostgres server;
  auto connection = server.connect();
  const std::pair<std::string, std::string> table{"V1__t.sql", k_table};
  CHECK(
      applied(connection, set_of({table, {"R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS n;"}})).applied.size() ==
      2);
  const auto changed = set_of({table, {"R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS n;"}});
  CHECK(applied(connection, changed).applied.size() == 1);
  CHECK(applied(connection, changed).applied.empty());
  CHECK(value(connection, "SELECT n FROM v") == "2");
}

TEST_CASE("migrate: every file starts with a fresh session, and the ledger is pier's even under another role") {
  const TempPostgres server;
  auto connection = server.connect();
  const auto set =
      set_of({{"V1__role.sql", "CREATE ROLE other;\nCREATE SCHEMA s AUTHORIZATION other;\nSET ROLE other;\nSET "
                               "search_path = s;\nCREATE TABLE mine (id int);"},
              {"V2__next.sql", "CREATE TABLE plain (id int);"}});
  CHECK(applied(connection, set).applied.size() == 2);
  CHECK(value(connection, "SELECT to_regclass('s.mine') IS NOT NULL AND to_regclass('public.plain') IS NOT NULL") ==
        "t");
  CHECK(value(connection, "SELECT tableowner FROM pg_tables WHERE tablename = 'mine'") == "other");
  CHECK(value(connection, "SELECT string_agg(DISTINCT actor, ',') FROM pier.migration") == "owner");
}

TEST_CASE("migrate: a second pier waits, then names who holds the lock") {
  const TempPostgres server;
  auto holder = server.connect();
  REQUIRE(holder.query("SELECT pg_advisory_lock(8100704885190066177)"));
  auto connection = server.connect();
  ApplyOptions impatient;
  impatient.lock_timeout = std::chrono::milliseconds(50);
  const auto report = apply_migrations(connection, set_of({{"V1__t.sql", k_table}}), impatient);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == "PIER8413");
  CHECK(report.error().message.starts_with("owner (process "));
  REQUIRE(holder.query("SELECT pg_advisory_unlock_all()"));
  CHECK(applied(connection, set_of({{"V1__t.sql", k_table}})).applied.size() == 1);
}

TEST_CASE("migrate: two at once apply every file once") {
  const TempPostgres server;
  const auto set = set_of({{"V1__t.sql", k_table}, {"V2__x.sql", "INSERT INTO t VALUES (2);"}});
  std::size_t total[2] = {0, 0};
  {
    std::vector<std::jthread> threads;
    for (auto& count : total) {
      threads.emplace_back([&server, &set, &count] {
        auto connection = Connection::open(server.parameters());
        if (connection) {
          const auto report = apply_migrations(*connection, set);
          count = report ? report->applied.size() : 100;
        }
      });
    }
  }
  CHECK(total[0] + total[1] == 2);
}

TEST_CASE("migrate: a stop cancels the running statement and leaves nothing") {
  const TempPostgres server;
  auto connection = server.connect();
  std::stop_source source;
  ApplyOptions options;
  options.stop = source.get_token();
  const auto set = set_of({{"V1__t.sql", "CREATE TABLE t (id int);\nSELECT pg_sleep(60);"}});
  std::jthread stopper([&server, &source] {
    auto watcher = Connection::open(server.parameters());
    while (watcher) { // until the sleep runs
      const auto rows = watcher->query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%'");
      if (!rows || !rows->empty()) {
        break;
      }
    }
    source.request_stop();
  });
  const auto report = apply_migrations(connection, set, options);
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::interrupted);
  CHECK(value(connection, "SELECT to_regclass('t') IS NULL") == "t");
}

TEST_CASE("migrate: a server killed in the middle leaves all or nothing of a file") {
  const TempPostgres server;
  const auto set = set_of({{"V1__t.sql", "CREATE TABLE t (id int);\nSELECT pg_terminate_backend(pg_backend_pid());"}});
  auto connection = server.connect();
  const auto report = apply_migrations(connection, set);
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::unavailable);
  auto again = server.connect();
  CHECK(value(again, "SELECT to_regclass('t') IS NULL") == "t");
}

TEST_CASE("migrate: logins that fail say why") {
  const TempPostgres server;
  const auto nobody = Connection::open(server.parameters("nobody_here"));
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().kind == ErrorKind::unauthenticated);
  auto elsewhere = server.parameters();
  elsewhere.host = "/nonexistent";
  const auto unreachable = Connection::open(elsewhere);
  REQUIRE_FALSE(unreachable);
  CHECK(unreachable.error().code == "PIER8410");
}

TEST_CASE("app access: members of the app role, readers of the synced tables, once") {
  const TempPostgres server;
  auto connection = server.connect();
  for (const auto* sql : {"CREATE ROLE \"3f1c-app\" LOGIN", "CREATE SCHEMA gold", "CREATE TABLE gold.flights (id int)",
                          "CREATE SCHEMA desk"}) {
    REQUIRE(connection.query(sql));
  }
  const AppAccess access{
      .database = "app", .principals = {"3f1c-app", "not-there-yet"}, .synced_tables = {"gold.flights", "gold.later"}};
  const auto first = grant_app_access(connection, access);
  REQUIRE_MESSAGE(first, first.error().to_string());
  CHECK(first->done == std::vector<std::string>{"the role app_app exists", "3f1c-app is a member of app_app",
                                                "app_app reads gold.flights"});
  CHECK(first->waiting == std::vector<std::string>{"role not-there-yet", "table gold.later"});
  CHECK(grant_app_access(connection, access)->done.empty());
  auto app = server.connect("3f1c-app");
  CHECK(app.query("SELECT * FROM gold.flights"));
  CHECK_FALSE(app.query("INSERT INTO gold.flights VALUES (1)"));
}

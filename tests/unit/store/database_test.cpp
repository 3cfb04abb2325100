#include "core/store/database.hpp"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <thread>

using namespace std::string_view_literals;
using pier::Error;
using pier::ErrorKind;
using pier::Result;
using pier::store::Database;

namespace {

std::unique_ptr<Database> open_with_table() {
  auto database = Database::open(":memory:");
  REQUIRE(database);
  REQUIRE((*database)->execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, x REAL)"));
  return std::move(database).value();
}

std::int64_t count(Database& database) {
  const auto rows = database.query("SELECT count(*) FROM t");
  REQUIRE(rows);
  return rows->front().integer(0);
}

Error refused() {
  return Error{.kind = ErrorKind::invalid_argument, .code = "X", .message = "refused"};
}

} // namespace

TEST_CASE("database: values come back as they went in") {
  const auto database = open_with_table();
  const std::string odd("a\0b\xff", 4);
  REQUIRE(database->execute("INSERT INTO t VALUES (?, ?, ?)", {std::int64_t{9'007'199'254'740'993}, odd, 0.1}));
  REQUIRE(database->execute("INSERT INTO t VALUES (2, ?, NULL)", {std::string()}));
  const auto rows = database->query("SELECT id, name, x FROM t ORDER BY id DESC");
  REQUIRE(rows);
  CHECK((*rows)[0].integer(0) == 9'007'199'254'740'993);
  CHECK((*rows)[0].text(1) == odd);
  CHECK((*rows)[0].real(2) == 0.1);
  CHECK((*rows)[1].text(1).empty());
  CHECK_FALSE((*rows)[1].is_null(1));
  CHECK((*rows)[1].is_null(2));
}

TEST_CASE("database: execute counts changed rows and insert gives the id") {
  const auto database = open_with_table();
  CHECK(database->insert("INSERT INTO t(id, name) VALUES (41, 'a')").value() == 41);
  CHECK(database->insert("INSERT INTO t(name) VALUES ('b')").value() == 42);
  CHECK(database->execute("UPDATE t SET x = 1").value() == 2);
  CHECK(database->execute("UPDATE t SET x = 1 WHERE name = 'none'").value() == 0);
  CHECK(database->execute("CREATE TABLE other(a)").value() == 0);
}

TEST_CASE("database: a duplicate is already_exists and the statement stays usable") {
  const auto database = open_with_table();
  REQUIRE(database->insert("INSERT INTO t(name) VALUES (?)", {"a"}));
  const auto again = database->insert("INSERT INTO t(name) VALUES (?)", {"a"});
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::already_exists);
  CHECK(database->insert("INSERT INTO t(name) VALUES (?)", {"b"}));
}

TEST_CASE("database: a missing parent is invalid_argument") {
  const auto database = open_with_table();
  REQUIRE(database->execute("CREATE TABLE child(t INTEGER REFERENCES t(id))"));
  const auto orphan = database->insert("INSERT INTO child VALUES (7)");
  REQUIRE_FALSE(orphan);
  CHECK(orphan.error().kind == ErrorKind::invalid_argument);
}

TEST_CASE("database: misuse is an internal error, not a crash") {
  const auto database = open_with_table();
  for (const auto sql : {"SELEKT 1"sv, "SELECT 1; SELECT 2"sv, ""sv, "SELECT ?"sv}) {
    const auto result = database->query(sql);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::internal);
  }
}

TEST_CASE("database: an error rolls a transaction back") {
  const auto database = open_with_table();
  const auto result = database->transaction([&]() -> Result<void> {
    PIER_TRY(database->insert("INSERT INTO t(name) VALUES ('a')"));
    return refused();
  });
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "X");
  CHECK(count(*database) == 0);
}

TEST_CASE("database: an exception rolls a transaction back") {
  const auto database = open_with_table();
  CHECK_THROWS_AS(static_cast<void>(database->transaction([&]() -> Result<void> {
                    PIER_TRY(database->insert("INSERT INTO t(name) VALUES ('a')"));
                    throw std::runtime_error("bug");
                  })),
                  std::runtime_error);
  CHECK(count(*database) == 0);
  CHECK(database->insert("INSERT INTO t(name) VALUES ('b')"));
  CHECK(count(*database) == 1);
}

TEST_CASE("database: a failed inner transaction undoes only itself") {
  const auto database = open_with_table();
  const auto result = database->transaction([&]() -> Result<std::int64_t> {
    PIER_TRY(database->insert("INSERT INTO t(name) VALUES ('outer')"));
    const auto inner = database->transaction([&]() -> Result<void> {
      PIER_TRY(database->insert("INSERT INTO t(name) VALUES ('inner')"));
      return refused();
    });
    CHECK_FALSE(inner);
    return database->insert("INSERT INTO t(name) VALUES ('last')");
  });
  REQUIRE(result);
  CHECK(count(*database) == 2);
}

TEST_CASE("database: an outer failure undoes a committed inner transaction") {
  const auto database = open_with_table();
  const auto result = database->transaction([&]() -> Result<void> {
    PIER_TRY(database->transaction([&] { return database->insert("INSERT INTO t(name) VALUES ('inner')"); }));
    return refused();
  });
  CHECK_FALSE(result);
  CHECK(count(*database) == 0);
}

TEST_CASE("database: a full disk is PIER0103 and nothing of the transaction is stored") {
  const auto database = open_with_table();
  const auto pages = database->query("PRAGMA page_count")->front().integer(0);
  REQUIRE(database->query("PRAGMA max_page_count = " + std::to_string(pages + 2)));
  bool second_failed = false;
  const auto result = database->transaction([&]() -> Result<void> {
    PIER_TRY(database->insert("INSERT INTO t(name) VALUES ('small')"));
    const auto large = database->insert("INSERT INTO t(name) VALUES (?)", {std::string(1 << 20, 'x')});
    REQUIRE_FALSE(large);
    CHECK(large.error().code == "PIER0103");
    CHECK(large.error().kind == ErrorKind::io);
    // A caller that goes on must not have its later statements stored on their own.
    second_failed = !database->insert("INSERT INTO t(name) VALUES ('after')");
    return {};
  });
  if (second_failed) {
    CHECK_FALSE(result);
    CHECK(count(*database) == 0);
  } else {
    CHECK(result);
    CHECK(count(*database) == 2);
  }
}

TEST_CASE("database: schema steps run once each, in order") {
  const auto database = open_with_table();
  const std::array first = {"CREATE TABLE m_a(x); CREATE TABLE m_b(x);"sv};
  const std::array second = {first[0], "INSERT INTO m_a VALUES (1);"sv};
  REQUIRE(database->ensure_schema("m", first));
  REQUIRE(database->ensure_schema("m", second));
  REQUIRE(database->ensure_schema("m", second));
  CHECK(database->query("SELECT count(*) FROM m_a")->front().integer(0) == 1);
  const auto older = database->ensure_schema("m", first);
  REQUIRE_FALSE(older);
  CHECK(older.error().code == "PIER0302");
}

TEST_CASE("database: a broken schema step leaves the version before it") {
  const auto database = open_with_table();
  const std::array broken = {"CREATE TABLE m_a(x);"sv, "CREATE TABLE m_b(x); CREATE TABEL oops(x);"sv};
  REQUIRE_FALSE(database->ensure_schema("m", broken));
  const std::array fixed = {broken[0], "CREATE TABLE m_b(x);"sv};
  CHECK(database->ensure_schema("m", fixed));
}

TEST_CASE("database: threads take turns") {
  const auto database = open_with_table();
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          [[maybe_unused]] const auto done = database->transaction([&]() -> Result<void> {
            PIER_TRY_ASSIGN(const auto rows, database->query("SELECT coalesce(max(id), 0) FROM t"));
            PIER_TRY(database->insert("INSERT INTO t(id) VALUES (?)", {rows.front().integer(0) + 1}));
            return {};
          });
        }
      });
    }
  }
  CHECK(count(*database) == 200);
}

TEST_CASE("database: more statements than the cache holds") {
  const auto database = open_with_table();
  for (int i = 0; i < 400; ++i) {
    CHECK(database->query("SELECT " + std::to_string(i % 300))->front().integer(0) == i % 300);
  }
}

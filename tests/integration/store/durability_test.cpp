#include "core/base/files.hpp"
#include "core/store/database.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>

using pier::Result;
using pier::store::Database;

namespace {

/// Child: pairs of rows, one transaction each; tells the parent about each commit by one byte.
[[noreturn]] void write_pairs(const std::filesystem::path& path, int report, Database::Commit commit) {
  auto database = Database::open(path);
  if (!database || !(*database)->execute("CREATE TABLE IF NOT EXISTS t(pair INTEGER)")) {
    ::_exit(1);
  }
  for (std::int64_t pair = 0;; ++pair) {
    const auto done = (*database)->transaction(
        [&]() -> Result<void> {
          PIER_TRY((*database)->insert("INSERT INTO t VALUES (?)", {pair}));
          PIER_TRY((*database)->insert("INSERT INTO t VALUES (?)", {pair}));
          return {};
        },
        commit);
    if (!done || ::write(report, "x", 1) != 1) {
      ::_exit(1);
    }
  }
}

} // namespace

TEST_CASE("database: kill -9 keeps every reported commit and no half of another") {
  auto commit = Database::Commit::durable;
  SUBCASE("durable") {}
  SUBCASE("relaxed") {
    commit = Database::Commit::relaxed;
  }
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto path = folder->path() / "workspace.db";
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    write_pairs(path, ends[1], commit);
  }
  ::close(ends[1]);
  std::int64_t reported = 0;
  char byte = 0;
  while (reported < 20 && ::read(ends[0], &byte, 1) == 1) {
    ++reported;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (::read(ends[0], &byte, 1) == 1) {
    ++reported;
  }
  ::close(ends[0]);

  auto database = Database::open(path);
  REQUIRE(database);
  const auto rows = (*database)->query("SELECT count(*), count(DISTINCT pair) FROM t");
  REQUIRE(rows);
  CHECK(reported >= 20);
  CHECK(rows->front().integer(0) == 2 * rows->front().integer(1));
  CHECK(rows->front().integer(1) >= reported);
  CHECK(rows->front().integer(1) <= reported + 1);
}

TEST_CASE("database: only relaxed transactions skip the wait for the disk") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  auto database = Database::open(folder->path() / "workspace.db");
  REQUIRE(database);
  REQUIRE((*database)->execute("CREATE TABLE t(x)"));
  const auto add = [&]() -> Result<void> {
    PIER_TRY((*database)->execute("INSERT INTO t VALUES (1)"));
    return {};
  };
  // SQLite answers this pragma when it compiles it: each question needs its own text.
  constexpr std::int64_t k_normal = 1;
  constexpr std::int64_t k_full = 2;
  REQUIRE((*database)->transaction(add, Database::Commit::relaxed));
  CHECK((*database)->query("PRAGMA synchronous /* 1 */")->front().integer(0) == k_normal);
  REQUIRE(add());
  CHECK((*database)->query("PRAGMA synchronous /* 2 */")->front().integer(0) == k_full);
  REQUIRE((*database)->transaction(add, Database::Commit::relaxed));
  REQUIRE((*database)->transaction([&] { return (*database)->transaction(add, Database::Commit::relaxed); }));
  CHECK((*database)->query("PRAGMA synchronous /* 3 */")->front().integer(0) == k_full);
}

TEST_CASE("database: the file and its side files are private") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto path = folder->path() / "workspace.db";
  auto database = Database::open(path);
  REQUIRE(database);
  REQUIRE((*database)->execute("CREATE TABLE t(x)"));
  for (const auto* name : {"workspace.db", "workspace.db-wal", "workspace.db-shm"}) {
    struct stat info{};
    REQUIRE(::stat((folder->path() / name).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600U);
  }
}

TEST_CASE("database: a file that is no database is named") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto path = folder->path() / "workspace.db";
  REQUIRE(pier::write_file_atomically(path, std::string(4096, 'z')));
  const auto database = Database::open(path);
  REQUIRE_FALSE(database);
  CHECK(database.error().code == "PIER0303");
  CHECK(database.error().to_string().find(path.string()) != std::string::npos);
}

TEST_CASE("database: a folder that is missing is an error") {
  CHECK_FALSE(Database::open("/nonexistent/folder/workspace.db"));
}

TEST_CASE("database: a query does not wait for another thread's transaction and sees what is committed") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto database = Database::open(folder->path() / "workspace.db");
  REQUIRE(database);
  REQUIRE((*database)->execute("CREATE TABLE t(n INTEGER)"));
  const auto sum = [&] { return (*database)->query("SELECT total(n) FROM t").value().front().real(0); };
  const auto elsewhere = [&] { return std::async(std::launch::async, sum).get(); };
  const auto done = (*database)->transaction([&]() -> Result<void> {
    PIER_TRY((*database)->insert("INSERT INTO t VALUES (5)"));
    CHECK(sum() == 5);
    CHECK(elsewhere() == 0);
    return {};
  });
  REQUIRE(done);
  CHECK(elsewhere() == 5);
}

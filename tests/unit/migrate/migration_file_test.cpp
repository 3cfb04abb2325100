#include "core/base/files.hpp"
#include "core/migrate/migration_file.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::migrate;

namespace {

MigrationFile parsed(std::string name, std::string text = "SELECT 1;") {
  Diagnostics diagnostics;
  auto file = parse_migration(std::move(name), std::move(text), diagnostics);
  CHECK_FALSE(diagnostics.has_errors());
  return file;
}

std::string problem(std::string name, std::string text = "SELECT 1;") {
  Diagnostics diagnostics;
  (void)parse_migration(std::move(name), std::move(text), diagnostics);
  REQUIRE(diagnostics.has_errors());
  return diagnostics.all()[0].code;
}

} // namespace

TEST_CASE("migration file: names say kind, version and name") {
  const auto first = parsed("migrations/i/d/V001__make_table.sql");
  CHECK(first.kind == MigrationKind::versioned);
  CHECK(first.version == "001");
  CHECK(first.name == "make_table");
  CHECK(first.transactional);
  CHECK(parsed("V1_2__x__y.sql").version == "1.2");
  CHECK(parsed("V1_2__x__y.sql").name == "x__y");
  const auto view = parsed("R__views.sql");
  CHECK(view.kind == MigrationKind::repeatable);
  CHECK(view.version == "views");
}

TEST_CASE("migration file: names and contents that are refused") {
  for (const std::string name : {"x.sql", "V__x.sql", "Vx__y.sql", "V1__.sql", "V1.__x.sql", "v1__x.sql", "1__x.sql"}) {
    CAPTURE(name);
    CHECK(problem(name) == "PIER8404");
  }
  CHECK(problem("V1__x.sql", "-- nothing\n") == "PIER8404");
  CHECK(problem("V1__x.sql", "SELECT '\xff'") == "PIER8404");
  CHECK(problem("V1__x.sql", "-- pier:transaktion off\nSELECT 1") == "PIER8405");
}

TEST_CASE("migration file: directives stand before the first statement") {
  CHECK_FALSE(parsed("V1__x.sql", "-- why\n-- pier:transaction off\nVACUUM;").transactional);
  CHECK(parsed("V1__x.sql", "VACUUM;\n-- pier:transaction off\n").transactional);
}

TEST_CASE("migration file: the checksum does not depend on line ends") {
  CHECK(parsed("V1__x.sql", "SELECT 1;\r\n").sha256 == parsed("V1__x.sql", "SELECT 1;\n").sha256);
  CHECK(parsed("V1__x.sql", "SELECT 1;").sha256 != parsed("V1__x.sql", "SELECT 2;").sha256);
}

TEST_CASE("migration file: versions compare as numbers, part by part") {
  CHECK(compare_versions("1.10", "1.9") > 0);
  CHECK(compare_versions("007", "7.0") == 0);
  CHECK(compare_versions("1", "1.0.1") < 0);
  CHECK(compare_versions("20261124130000000000000000001", "20261124130000000000000000002") < 0);
}

TEST_CASE("migrations: one set for each folder of a database, in order") {
  const auto temp = TempDirectory::create();
  REQUIRE(temp);
  const auto folder = temp->path() / "migrations/desk/app";
  REQUIRE(make_directories(folder));
  for (const std::string name : {"V10__c.sql", "V2__b.sql", "R__z.sql", "V1__a.sql"}) {
    REQUIRE(write_file_atomically(folder / name, "SELECT 1;", Durability::none));
  }
  REQUIRE(write_file_atomically(folder / "README.md", "no SQL", Durability::none));
  Diagnostics diagnostics;
  auto sets = read_migrations(temp->path(), diagnostics);
  REQUIRE(sets);
  REQUIRE(sets->size() == 1);
  CHECK_FALSE(diagnostics.has_errors());
  CHECK(sets->front().instance == "desk");
  CHECK(sets->front().database == "app");
  std::string order;
  for (const auto& file : sets->front().files) {
    order += file.name;
  }
  CHECK(order == "abcz");
  CHECK(sets->front().files[0].path == "migrations/desk/app/V1__a.sql");

  REQUIRE(write_file_atomically(folder / "V02__again.sql", "SELECT 1;", Durability::none));
  REQUIRE(write_file_atomically(temp->path() / "migrations/V3__lost.sql", "SELECT 1;", Durability::none));
  REQUIRE(read_migrations(temp->path(), diagnostics));
  CHECK(diagnostics.count(Severity::error) == 2);
}

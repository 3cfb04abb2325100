#include "core/migrate/app_access.hpp"
#include "core/migrate/migrator.hpp"
#include "tests/support/lakebase_fixture.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::migrate;
using pier::test::LakebaseFixture;

namespace {

ConnectionParameters login(LakebaseFixture& fixture, const lakebase::Instance& instance,
                           const identity::Caller& caller) {
  return {.host = instance.host,
          .port = instance.port,
          .user = caller.principal.name,
          .password = Secret(fixture.token(caller)),
          .database = "shop"};
}

} // namespace

TEST_CASE("migrate: the creator of a Lakebase applies migrations, and a bound app may use the tables") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  REQUIRE(fixture.lakebase->create_database("shop", "shop", true));
  MigrationSet set{.instance = "shop", .database = "shop"};
  Diagnostics diagnostics;
  set.files.push_back(parse_migration("V1__orders.sql",
                                      "CREATE SCHEMA sales;\nCREATE TABLE sales.orders (id int PRIMARY KEY);\n"
                                      "GRANT USAGE ON SCHEMA sales TO shop_app;\n"
                                      "GRANT SELECT, INSERT ON sales.orders TO shop_app;",
                                      diagnostics));
  REQUIRE_FALSE(diagnostics.has_errors());

  auto owner = Connection::open(login(fixture, instance, fixture.owner()));
  REQUIRE_MESSAGE(owner, owner.error().to_string());
  const auto report = apply_migrations(*owner, set);
  REQUIRE_MESSAGE(report, report.error().to_string());
  for (const auto& problem : report->diagnostics.all()) {
    FAIL_CHECK(problem.summary);
  }
  CHECK(report->applied.size() == 1);

  const std::string app = "1b4c9f6e-0000-4000-8000-0000000000aa";
  REQUIRE(fixture.lakebase->bind_service_principal("shop", "shop", app));
  const auto access = grant_app_access(*owner, {.database = "shop", .principals = {app}});
  REQUIRE_MESSAGE(access, access.error().to_string());
  CHECK(access->done.empty()); // the binding has done it
  CHECK(owner->query("SELECT 1 WHERE has_table_privilege($1, 'sales.orders', 'INSERT')", {app})->size() == 1);
  CHECK(owner->query("SELECT 1 WHERE has_table_privilege($1, 'sales.orders', 'DELETE')", {app})->empty());

  REQUIRE(fixture.lakebase->unbind_service_principal("shop", "shop", app));
  CHECK(owner->query("SELECT 1 WHERE has_table_privilege($1, 'sales.orders', 'INSERT')", {app})->empty());
}

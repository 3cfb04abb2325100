#include "core/base/files.hpp"
#include "core/migrate/bundle_migrations.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::migrate;

namespace {

void add(model::Bundle& bundle, const std::string& kind, const std::string& key, Json config) {
  const model::ResourceKey name{kind, key, {}};
  bundle.graph.nodes.emplace(name, model::ResourceNode{.key = name, .config = std::move(config)});
}

} // namespace

TEST_CASE("bundle migrations: a folder names an instance by name, by key, or before its prefix") {
  const auto temp = TempDirectory::create();
  REQUIRE(temp);
  model::Bundle bundle{.root = temp->path()};
  add(bundle, "database_instances", "lakebase", Json::object({{"name", "dev-ada-desk"}}));
  add(bundle, "database_instances", "other", Json::object({{"name", "other"}}));
  for (const std::string folder : {"desk", "lakebase", "othr", "other"}) {
    REQUIRE(make_directories(temp->path() / "migrations" / folder / "db"));
    REQUIRE(write_file_atomically(temp->path() / "migrations" / folder / "db/V1__x.sql", "SELECT 1", Durability::none));
  }
  Diagnostics diagnostics;
  const auto targets = migration_targets(bundle, diagnostics);
  REQUIRE(targets);
  std::vector<std::string> instances;
  for (const auto& target : *targets) {
    instances.push_back(target.instance);
  }
  CHECK(instances == std::vector<std::string>{"dev-ada-desk", "dev-ada-desk", "other"});
  REQUIRE(diagnostics.count(Severity::error) == 1);
  CHECK(diagnostics.all()[0].code == "PIER8415");
  CHECK(diagnostics.all()[0].help == "name it other");

  Diagnostics none;
  const auto foreign = migration_targets(model::Bundle{.root = temp->path()}, none);
  REQUIRE(foreign);
  CHECK(foreign->front().instance == "desk");
}

TEST_CASE("bundle migrations: synced tables are found through the references of the bundle") {
  model::Bundle bundle;
  add(bundle, "database_instances", "lakebase", Json::object({{"name", "desk"}}));
  add(bundle, "database_catalogs", "database",
      Json::object({{"name", "ops"},
                    {"database_instance_name", "${resources.database_instances.lakebase.name}"},
                    {"database_name", "desk_db"}}));
  add(bundle, "synced_database_tables", "in_catalog",
      Json::object({{"name", "${resources.database_catalogs.database.name}.gold.flights"}}));
  add(bundle, "synced_database_tables", "plain",
      Json::object({{"name", "main.silver.t"}, {"database_instance_name", "desk"}, {"logical_database_name", "x"}}));
  add(bundle, "synced_database_tables", "unknown", Json::object({{"name", "${resources.jobs.j.id}.a.b"}}));
  CHECK(synced_tables(bundle.graph) ==
        std::vector<SyncedTable>{{"desk", "desk_db", "gold.flights"}, {"desk", "x", "silver.t"}});
}

TEST_CASE("bundle migrations: references in a circle come to an end") {
  model::Bundle bundle;
  add(bundle, "synced_database_tables", "t", Json::object({{"name", "${resources.synced_database_tables.t.name}"}}));
  CHECK(synced_tables(bundle.graph).empty());
}

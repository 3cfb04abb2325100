#include "fixture.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace pier::catalog {
namespace {

using Names = std::vector<std::string>;

NewSecurable volume(std::string_view name) {
  return NewSecurable{.type = SecurableType::volume, .parent = "main.default", .name = std::string(name)};
}

} // namespace

TEST_CASE_FIXTURE(CatalogFixture, "catalog: a new workspace has main with default and information_schema") {
  CHECK(*catalog->catalog_names() == Names{"main"});
  CHECK(*catalog->schema_names("main") == Names{"default", "information_schema"});
  CHECK(catalog->get(catalog_ref("main"))->owner == "ada@pier.local");
  CHECK_FALSE(catalog->get(catalog_ref("main"))->comment.has_value());
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: names are lower-cased, and refused when they cannot be one") {
  REQUIRE(catalog->create_schema(ada, "MAIN", "Gold", {}));
  CHECK(*catalog->schema_exists("main", "GOLD"));
  for (const auto* bad : {"", "a.b", "a/b", "a b", "..", "a\n"}) {
    CHECK(catalog->create_schema(ada, "main", bad, {}).error().kind == ErrorKind::invalid_argument);
  }
  CHECK(catalog->create_schema(ada, "main", "gold", {}).error().kind == ErrorKind::already_exists);
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: the error names the first part that is missing") {
  const auto name = [](std::string_view text) { return *model::TableName::parse(text); };
  CHECK(catalog->table(name("nix.s.t")).error().code == "CATALOG_DOES_NOT_EXIST");
  const auto schema = catalog->table(name("main.nix.t")).error();
  CHECK(schema.code == "SCHEMA_DOES_NOT_EXIST");
  CHECK(schema.message == "Schema 'main.nix' does not exist.");
  CHECK(catalog->table(name("main.default.t")).error().code == "TABLE_DOES_NOT_EXIST");
  CHECK(catalog->schema_names("nix").error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: a table keeps its columns, policies and place") {
  const auto made = make_table("main.default.Flights");
  CHECK(made.name.to_string() == "main.default.flights");
  CHECK(made.storage_location == (home.path() / "lake" / "tables" / made.table_id).string());
  const auto read = *catalog->table(made.name);
  REQUIRE(read.columns.size() == 2);
  CHECK(read.columns[1].type_text == "string");
  CHECK(read.owner == "ada@pier.local");
  CHECK(catalog->tables("main", "default")->size() == 1);
  CHECK(catalog->create_table(ada, made).error().kind == ErrorKind::already_exists);
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: views and foreign tables get no folder") {
  TableInfo view{
      .name = *model::TableName::parse("main.default.v"), .table_type = "VIEW", .view_definition = "SELECT 1"};
  CHECK(catalog->create_table(ada, view)->storage_location.empty());
  CHECK(catalog->table(view.name)->view_definition == "SELECT 1");
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: new columns keep the masks of the old ones") {
  auto table = make_table("main.default.t");
  REQUIRE(
      catalog->create(ada, NewSecurable{.type = SecurableType::function, .parent = "main.default", .name = "hide"}));
  REQUIRE(catalog->set_column_mask(ada, table.name, "region", ColumnMask{.function_name = "main.default.hide"}));
  REQUIRE(catalog->set_row_filter(ada, table.name,
                                  RowFilter{.function_name = "main.default.hide", .input_column_names = {"region"}}));
  table.columns.push_back(ColumnInfo{.name = "n", .type_text = "int", .type_name = "INT"});
  REQUIRE(catalog->update_columns(table.name, table.columns));
  const auto read = *catalog->table(table.name);
  REQUIRE(read.columns.size() == 3);
  CHECK(read.columns[1].mask->function_name == "main.default.hide");
  CHECK(read.row_filter->input_column_names == Names{"region"});
  REQUIRE(catalog->set_column_mask(ada, table.name, "region", std::nullopt));
  CHECK_FALSE(catalog->table(table.name)->columns[1].mask.has_value());
  CHECK_FALSE(catalog->set_column_mask(ada, table.name, "nix", std::nullopt));
  CHECK(catalog->set_row_filter(ada, table.name, RowFilter{.function_name = "main.default.nix"}).error().code ==
        "FUNCTION_DOES_NOT_EXIST");
}

TEST_CASE_FIXTURE(CatalogFixture,
                  "catalog: dropping a table removes its folder, a crash's leftovers go at the next start") {
  const auto table = make_table("main.default.t");
  std::filesystem::create_directories(table.storage_location);
  const auto orphan = home.path() / "lake" / "tables" / "gone";
  std::filesystem::create_directories(orphan);
  REQUIRE(catalog->drop_table(ada, table.name));
  CHECK_FALSE(std::filesystem::exists(table.storage_location));
  const auto kept = make_table("main.default.kept");
  std::filesystem::create_directories(kept.storage_location);
  catalog = *Catalog::open(*database, clock, home.path() / "lake", home.path() / "volumes");
  CHECK_FALSE(std::filesystem::exists(orphan));
  CHECK(std::filesystem::exists(kept.storage_location));
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: a volume is a folder of its name; dropped and made again it is empty") {
  REQUIRE(catalog->create(ada, volume("raw")));
  const auto folder = *catalog->volume_folder("main.default.raw");
  CHECK(folder == home.path() / "volumes" / "main" / "default" / "raw");
  REQUIRE(write_file_atomically(folder / "x", "1", Durability::none));
  REQUIRE(catalog->drop(ada, Securable{.type = SecurableType::volume, .full_name = "main.default.raw"}, false));
  CHECK_FALSE(std::filesystem::exists(folder));
  REQUIRE(catalog->create(ada, volume("raw")));
  CHECK(std::filesystem::is_empty(*catalog->volume_folder("main.default.raw")));
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: a renamed schema takes everything along") {
  REQUIRE(catalog->create_schema(ada, "main", "gold", {}));
  const auto table = make_table("main.gold.t");
  REQUIRE(grant(table_ref("main.gold.t"), "bob@pier.local", {"SELECT"}));
  REQUIRE(catalog->update(ada, schema_ref("main.gold"), SecurableUpdate{.new_name = "platinum"}));
  const auto moved = *catalog->table(*model::TableName::parse("main.platinum.t"));
  CHECK(moved.storage_location == table.storage_location);
  CHECK(catalog->grants(table_ref("main.platinum.t"))->size() == 1);
  CHECK_FALSE(*catalog->schema_exists("main", "gold"));
  CHECK(catalog->update(ada, schema_ref("main.platinum"), SecurableUpdate{.new_name = "default"}).error().kind ==
        ErrorKind::already_exists);
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: containers with content are only dropped by force") {
  REQUIRE(catalog->create(ada, NewSecurable{.type = SecurableType::catalog, .name = "dev"}));
  REQUIRE(catalog->drop(ada, catalog_ref("dev"), false)); // only what every new catalog has
  REQUIRE(catalog->create(ada, NewSecurable{.type = SecurableType::catalog, .name = "dev"}));
  make_table("dev.default.t");
  CHECK(catalog->drop(ada, catalog_ref("dev"), false).error().code == "INVALID_STATE");
  CHECK(catalog->drop_schema(ada, "dev", "default", false).error().code == "INVALID_STATE");
  REQUIRE(catalog->drop(ada, catalog_ref("dev"), true));
  CHECK(catalog->table(*model::TableName::parse("dev.default.t")).error().code == "CATALOG_DOES_NOT_EXIST");
  CHECK_FALSE(catalog->drop_schema(ada, "main", "information_schema", true));
}

TEST_CASE_FIXTURE(CatalogFixture, "catalog: external locations guard external places") {
  const auto outside = *TempDirectory::create();
  const auto location = [&](std::string url) {
    return NewSecurable{
        .type = SecurableType::external_location, .name = "landing", .storage_location = std::move(url)};
  };
  CHECK_FALSE(catalog->create(ada, location(home.path().string())));
  CHECK_FALSE(catalog->create(ada, location("/")));
  CHECK_FALSE(catalog->create(ada, location("relative")));
  TableInfo external{.name = *model::TableName::parse("main.default.e"),
                     .table_type = "EXTERNAL",
                     .storage_location = (outside.path() / "e").string()};
  CHECK(catalog->create_table(ada, external).error().kind == ErrorKind::permission_denied);
  REQUIRE(catalog->create(ada, location(outside.path().string())));
  CHECK(catalog->create_table(ada, external));
  CHECK(catalog->require_path(ada, outside.path() / "f.csv", false));
  CHECK_FALSE(catalog->require_path(bob, outside.path() / "f.csv", false));
  CHECK_FALSE(catalog->require_path(ada, outside.path() / ".." / "f.csv", false));
  CHECK_FALSE(catalog->require_path(ada, "/etc/passwd", false));
  std::filesystem::create_symlink("/etc", outside.path() / "link");
  CHECK_FALSE(catalog->require_path(ada, outside.path() / "link" / "passwd", false));
}

} // namespace pier::catalog

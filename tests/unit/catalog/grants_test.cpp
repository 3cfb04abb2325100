#include "core/catalog/privileges.hpp"
#include "fixture.hpp"

#include <doctest/doctest.h>

namespace pier::catalog {
namespace {

const Securable k_main = catalog_ref("main");
const Securable k_default = schema_ref("main.default");
const Securable k_table = table_ref("main.default.t");
const std::string k_bob = "bob@pier.local";

} // namespace

TEST_CASE("privileges: blanks and case do not matter, unknown words are refused with the nearest") {
  CHECK(*parse_privilege("use catalog") == "USE_CATALOG");
  CHECK(parse_privilege("SELCT").error().hint == "did you mean SELECT?");
  CHECK(applies_to("SELECT", SecurableType::catalog));
  CHECK_FALSE(applies_to("USE_SCHEMA", SecurableType::table));
  CHECK_FALSE(applies_to("USE_CATALOG", SecurableType::schema));
  CHECK_FALSE(is_in_all_privileges("MANAGE"));
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: reading needs USE CATALOG, USE SCHEMA and SELECT, told outermost first") {
  make_table("main.default.t");
  const auto reason = [&] { return catalog->require(bob, "SELECT", k_table).error().message; };
  CHECK(reason() == "User does not have USE CATALOG on Catalog 'main'.");
  REQUIRE(grant(k_main, k_bob, {"USE_CATALOG"}));
  CHECK(reason() == "User does not have USE SCHEMA on Schema 'main.default'.");
  REQUIRE(grant(k_default, k_bob, {"USE SCHEMA"}));
  CHECK(reason() == "User does not have SELECT on Table 'main.default.t'.");
  CHECK(catalog->require(bob, "SELECT", k_table).error().hint ==
        "GRANT SELECT ON TABLE `main`.`default`.`t` TO `bob@pier.local`");
  REQUIRE(grant(k_table, k_bob, {"SELECT"}));
  CHECK(catalog->require(bob, "SELECT", k_table));
  CHECK_FALSE(catalog->require(bob, "MODIFY", k_table));
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: a grant on a container holds for what is made later") {
  REQUIRE(grant(k_main, k_bob, {"USE_CATALOG", "USE_SCHEMA", "SELECT"}));
  REQUIRE(catalog->create_schema(ada, "main", "later", {}));
  make_table("main.later.t");
  CHECK(catalog->require(bob, "SELECT", table_ref("main.later.t")));
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: ALL PRIVILEGES reads and writes but does not manage") {
  make_table("main.default.t");
  REQUIRE(grant(k_main, k_bob, {"ALL_PRIVILEGES"}));
  CHECK(catalog->require(bob, "MODIFY", k_table));
  CHECK_FALSE(catalog->require(bob, "MANAGE", k_table));
  CHECK_FALSE(catalog->drop_table(bob, *model::TableName::parse("main.default.t")));
  CHECK_FALSE(catalog->change_grants(bob, k_table, {GrantChange{.principal = k_bob, .add = {"SELECT"}}}));
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: MANAGE grants and drops but does not read") {
  make_table("main.default.t");
  REQUIRE(grant(k_main, k_bob, {"USE_CATALOG", "USE_SCHEMA"}));
  REQUIRE(grant(k_table, k_bob, {"MANAGE"}));
  CHECK_FALSE(catalog->require(bob, "SELECT", k_table));
  CHECK(catalog->drop_table(bob, *model::TableName::parse("main.default.t")));
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: groups and everybody count, workspace groups hold nothing") {
  make_table("main.default.t");
  const auto team = *identity->create_group("team");
  REQUIRE(grant(k_main, "team", {"USE_CATALOG", "USE_SCHEMA"}));
  REQUIRE(grant(k_table, "account users", {"SELECT"}));
  CHECK_FALSE(catalog->require(bob, "SELECT", k_table));
  REQUIRE(identity->add_member(team.id, bob.principal.id));
  bob = *identity->caller_of(bob.principal.id);
  CHECK(catalog->require(bob, "SELECT", k_table));
  CHECK(grant(k_main, "users", {"USE_CATALOG"}).error().code == "PRINCIPAL_DOES_NOT_EXIST");
  CHECK(grant(k_main, "nobody@pier.local", {"USE_CATALOG"}).error().code == "PRINCIPAL_DOES_NOT_EXIST");
}

TEST_CASE_FIXTURE(CatalogFixture,
                  "grants: a privilege that does not fit is refused and nothing of the change is kept") {
  CHECK(grant(k_default, k_bob, {"USE_SCHEMA", "READ_FILES"}).error().kind == ErrorKind::invalid_argument);
  CHECK(catalog->grants(k_default)->empty());
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: removing ALL_PRIVILEGES clears, removals come before additions") {
  REQUIRE(grant(k_default, k_bob, {"USE_SCHEMA", "SELECT", "MANAGE"}));
  const auto after = catalog->change_grants(
      ada, k_default, {GrantChange{.principal = k_bob, .add = {"USE_SCHEMA"}, .remove = {"ALL_PRIVILEGES"}}});
  REQUIRE(after);
  REQUIRE(after->size() == 1);
  CHECK(after->front().privileges == std::vector<std::string>{"USE_SCHEMA"});
  const GrantChange both{.principal = k_bob, .add = {"ALL_PRIVILEGES"}, .remove = {"ALL_PRIVILEGES"}};
  CHECK(catalog->change_grants(ada, k_default, {both}).error().kind == ErrorKind::invalid_argument);
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: effective grants say where they come from") {
  make_table("main.default.t");
  REQUIRE(grant(k_main, k_bob, {"USE_CATALOG", "SELECT", "CREATE_SCHEMA"}));
  REQUIRE(grant(k_table, k_bob, {"MODIFY"}));
  const auto effective = *catalog->effective_grants(k_table);
  REQUIRE(effective.size() == 1);
  REQUIRE(effective[0].privileges.size() == 3);
  CHECK(effective[0].privileges[0].privilege == "MODIFY");
  CHECK_FALSE(effective[0].privileges[0].inherited_from.has_value());
  CHECK(effective[0].privileges[1].inherited_from->full_name == "main");
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: what one makes one owns, but it must still be reached") {
  REQUIRE(grant(k_main, k_bob, {"USE_CATALOG"}));
  REQUIRE(grant(k_default, k_bob, {"USE_SCHEMA", "CREATE_TABLE"}));
  REQUIRE(catalog->create_table(bob, TableInfo{.name = *model::TableName::parse("main.default.mine")}));
  CHECK(catalog->require(bob, "MODIFY", table_ref("main.default.mine")));
  REQUIRE(catalog->change_grants(ada, k_default, {GrantChange{.principal = k_bob, .remove = {"USE_SCHEMA"}}}));
  CHECK_FALSE(catalog->require(bob, "SELECT", table_ref("main.default.mine")));
}

TEST_CASE_FIXTURE(CatalogFixture,
                  "grants: only admins make catalogs; another's catalog is managed, not read, by the owner") {
  CHECK_FALSE(catalog->create(bob, NewSecurable{.type = SecurableType::catalog, .name = "his"}));
  REQUIRE(grant(Securable{.type = SecurableType::metastore}, k_bob, {"CREATE_CATALOG"}));
  REQUIRE(catalog->create(bob, NewSecurable{.type = SecurableType::catalog, .name = "his"}));
  REQUIRE(catalog->create_table(bob, TableInfo{.name = *model::TableName::parse("his.default.t")}));
  CHECK_FALSE(catalog->require(ada, "SELECT", table_ref("his.default.t")));
  CHECK(catalog->require(ada, "MANAGE", table_ref("his.default.t")));
  CHECK(catalog->require(bob, "SELECT", table_ref("his.default.t")));
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: lists show what the caller can reach") {
  make_table("main.default.t");
  CHECK_FALSE(*catalog->is_visible(bob, k_main));
  REQUIRE(grant(k_table, k_bob, {"SELECT"}));
  CHECK_FALSE(*catalog->is_visible(bob, k_table));
  REQUIRE(grant(k_main, k_bob, {"USE_CATALOG"}));
  CHECK(*catalog->is_visible(bob, k_main));
  CHECK_FALSE(*catalog->is_visible(bob, k_table));
  REQUIRE(grant(k_default, k_bob, {"USE_SCHEMA"}));
  CHECK(*catalog->is_visible(bob, k_default));
  CHECK(*catalog->is_visible(bob, k_table));
  CHECK(catalog->require(bob, "SELECT", schema_ref("main.information_schema")));
}

TEST_CASE_FIXTURE(CatalogFixture, "grants: a namesake of a removed user finds neither grants nor objects") {
  REQUIRE(grant(k_main, k_bob, {"USE_CATALOG", "USE_SCHEMA", "CREATE_TABLE"}));
  REQUIRE(catalog->create_table(bob, TableInfo{.name = *model::TableName::parse("main.default.mine")}));
  REQUIRE(identity->remove_principal(bob.principal.id));
  CHECK(catalog->grants(k_main)->empty());
  CHECK(catalog->table(*model::TableName::parse("main.default.mine"))->owner == "ada@pier.local");
}

} // namespace pier::catalog

#include "core/base/files.hpp"
#include "core/identity/sealer.hpp"
#include "core/identity/secret_scopes.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

namespace pier::identity {
namespace {

struct Fixture {
  SystemClock clock;
  TempDirectory home = *TempDirectory::create();
  std::unique_ptr<store::Database> database = *store::Database::open(":memory:");
  std::unique_ptr<Identity> identity = *Identity::open(*database, clock, "ada@pier.local");
  std::unique_ptr<SecretScopes> secrets = *SecretScopes::open(*database, clock, *identity, home.path() / "key");
  Caller ada = *identity->owner();
  Caller bob = caller("bob@pier.local");
  Caller eve = caller("eve@pier.local");

  Caller caller(std::string_view name) { return *identity->caller_of(identity->create_user(name, {})->id); }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "secrets: put, get, replace, list, remove") {
  REQUIRE(secrets->create_scope(bob, "shop", {}));
  const std::string value("p\0ss\xff", 5);
  REQUIRE(secrets->put(bob, "shop", "db", Secret(value)));
  CHECK(secrets->get(bob, "shop", "db")->reveal() == value);
  REQUIRE(secrets->put(bob, "shop", "db", Secret("new")));
  CHECK(secrets->get(bob, "shop", "db")->reveal() == "new");
  CHECK(secrets->list(bob, "shop")->size() == 1);
  REQUIRE(secrets->remove(bob, "shop", "db"));
  CHECK(secrets->get(bob, "shop", "db").error().code == "RESOURCE_DOES_NOT_EXIST");
  CHECK(secrets->get(bob, "nix", "db").error().code == "RESOURCE_DOES_NOT_EXIST");
  CHECK(secrets->create_scope(bob, "shop", {}).error().code == "RESOURCE_ALREADY_EXISTS");
}

TEST_CASE_FIXTURE(Fixture, "secrets: the database holds no value in clear, the key is private") {
  REQUIRE(secrets->create_scope(bob, "shop", {}));
  REQUIRE(secrets->put(bob, "shop", "db", Secret("correct horse battery")));
  const auto rows = *database->query("SELECT sealed FROM identity_secrets");
  CHECK(rows.front().text(0).find("horse") == std::string::npos);
  struct stat info{};
  REQUIRE(::stat((home.path() / "key").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
}

TEST_CASE_FIXTURE(Fixture, "secrets: a value moved to another key or sealed with another key does not open") {
  REQUIRE(secrets->create_scope(bob, "shop", {}));
  REQUIRE(secrets->put(bob, "shop", "a", Secret("1")));
  REQUIRE(database->execute("UPDATE identity_secrets SET key = 'b'"));
  CHECK(secrets->get(bob, "shop", "b").error().code == "PIER6001");
  const auto other = *Sealer::open(home.path() / "other");
  const auto sealer = *Sealer::open(home.path() / "key");
  const auto sealed = *sealer.seal("text", "label");
  CHECK(sealer.unseal(sealed, "label")->reveal() == "text");
  CHECK_FALSE(other.unseal(sealed, "label"));
  CHECK_FALSE(sealer.unseal(sealed.substr(0, sealed.size() - 1), "label"));
  CHECK_FALSE(sealer.unseal("", "label"));
}

TEST_CASE_FIXTURE(Fixture, "secrets: rights are READ, WRITE and MANAGE, admins have all") {
  REQUIRE(secrets->create_scope(bob, "shop", {}));
  REQUIRE(secrets->put(bob, "shop", "db", Secret("1")));
  CHECK(secrets->get(eve, "shop", "db").error().kind == ErrorKind::permission_denied);
  CHECK(secrets->get(ada, "shop", "db"));
  CHECK(secrets->scopes(eve)->empty());
  REQUIRE(secrets->put_acl(bob, "shop", ScopeAcl{.principal = "eve@pier.local", .permission = "READ"}));
  CHECK(secrets->get(eve, "shop", "db"));
  CHECK(secrets->scopes(eve)->size() == 1);
  CHECK_FALSE(secrets->put(eve, "shop", "db", Secret("2")));
  REQUIRE(secrets->put_acl(bob, "shop", ScopeAcl{.principal = "eve@pier.local", .permission = "WRITE"}));
  CHECK(secrets->put(eve, "shop", "db", Secret("2")));
  CHECK_FALSE(secrets->acls(eve, "shop"));
  CHECK_FALSE(secrets->remove_scope(eve, "shop"));
  CHECK(secrets->acl(bob, "shop", "eve@pier.local")->permission == "WRITE");
  REQUIRE(secrets->remove_acl(bob, "shop", "eve@pier.local"));
  CHECK_FALSE(secrets->get(eve, "shop", "db"));
}

TEST_CASE_FIXTURE(Fixture, "secrets: bad names, permissions, principals and sizes are refused") {
  CHECK_FALSE(secrets->create_scope(bob, "", {}));
  CHECK_FALSE(secrets->create_scope(bob, "a\nb", {}));
  CHECK_FALSE(secrets->create_scope(bob, "x", "eve@pier.local"));
  REQUIRE(secrets->create_scope(bob, "shop", "users"));
  CHECK(secrets->put(eve, "shop", "k", Secret(std::string(128 * 1024, 'x'))));
  CHECK_FALSE(secrets->put(eve, "shop", "k", Secret(std::string(128 * 1024 + 1, 'x'))));
  CHECK_FALSE(secrets->put_acl(bob, "shop", ScopeAcl{.principal = "eve@pier.local", .permission = "OWN"}));
  CHECK_FALSE(secrets->put_acl(bob, "shop", ScopeAcl{.principal = "nobody@pier.local", .permission = "READ"}));
}

} // namespace pier::identity

#include "core/identity/permissions.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace pier::identity {
namespace {

const ObjectRef k_app{.type = "apps", .id = "shop"};
const ObjectRef k_job{.type = "jobs", .id = "7"};

struct Fixture {
  SystemClock clock;
  std::unique_ptr<store::Database> database = *store::Database::open(":memory:");
  std::unique_ptr<Identity> identity = *Identity::open(*database, clock, "ada@pier.local");
  std::unique_ptr<Permissions> permissions = *Permissions::open(*database, *identity);
  Caller owner = *identity->owner();
  Caller bob = caller("bob@pier.local");
  Caller eve = caller("eve@pier.local");

  Caller caller(std::string_view name) { return *identity->caller_of(identity->create_user(name, {})->id); }

  bool may(const Caller& who, const ObjectRef& object, std::string_view level) {
    return *permissions->allows(who, object, level);
  }
};

AccessEntry user_entry(const std::string& name, const std::string& level) {
  return AccessEntry{.kind = model::PrincipalKind::user, .principal = name, .level = level};
}

AccessEntry group_entry(const std::string& name, const std::string& level) {
  return AccessEntry{.kind = model::PrincipalKind::group, .principal = name, .level = level};
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "permissions: the creator manages, admins manage, others have nothing") {
  REQUIRE(permissions->created(k_app, bob));
  CHECK(may(bob, k_app, "CAN_MANAGE"));
  CHECK(may(owner, k_app, "CAN_MANAGE"));
  CHECK_FALSE(may(eve, k_app, "CAN_USE"));
  const auto denied = permissions->require(eve, k_app, "CAN_USE");
  CHECK(denied.error().kind == ErrorKind::permission_denied);
  CHECK(denied.error().message == "eve@pier.local does not have CAN_USE on apps 'shop'");
}

TEST_CASE_FIXTURE(Fixture, "permissions: a level includes the weaker ones, through groups too") {
  REQUIRE(permissions->created(k_app, bob));
  const auto team = *identity->create_group("team");
  REQUIRE(identity->add_member(team.id, eve.principal.id));
  REQUIRE(permissions->merge(k_app, {group_entry("team", "CAN_USE")}));
  eve = *identity->caller_of(eve.principal.id);
  CHECK(may(eve, k_app, "CAN_USE"));
  CHECK_FALSE(may(eve, k_app, "CAN_MANAGE"));
}

TEST_CASE_FIXTURE(Fixture, "permissions: unknown objects, types, levels and principals are refused") {
  CHECK(permissions->list(k_app).error().kind == ErrorKind::not_found);
  CHECK(permissions->list(ObjectRef{.type = "toys", .id = "1"}).error().kind == ErrorKind::invalid_argument);
  REQUIRE(permissions->created(k_app, bob));
  const auto level = permissions->replace(k_app, {user_entry("bob@pier.local", "CAN_RUN")});
  CHECK(level.error().hint == "use one of CAN_USE, CAN_MANAGE");
  const auto who = permissions->replace(k_app, {user_entry("nobody@pier.local", "CAN_USE")});
  CHECK(who.error().message == "Principal: UserName(nobody@pier.local) does not exist");
  const auto kind = permissions->replace(k_app, {group_entry("bob@pier.local", "CAN_USE")});
  CHECK(kind.error().kind == ErrorKind::not_found);
  CHECK(permissions->list(k_app)->size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "permissions: CAN_CREATE of databases cannot be granted") {
  const ObjectRef instance{.type = "database-instances", .id = "shop"};
  REQUIRE(permissions->created(instance, bob));
  CHECK_FALSE(permissions->merge(instance, {user_entry("eve@pier.local", "CAN_CREATE")}));
  CHECK(permissions->merge(instance, {user_entry("eve@pier.local", "CAN_USE")}));
}

TEST_CASE_FIXTURE(Fixture, "permissions: replace sets the whole list, merge adds, the last entry wins") {
  REQUIRE(permissions->created(k_app, bob));
  REQUIRE(permissions->merge(k_app, {user_entry("eve@pier.local", "CAN_USE")}));
  CHECK(permissions->list(k_app)->size() == 2);
  REQUIRE(permissions->replace(k_app,
                               {user_entry("EVE@pier.local", "CAN_MANAGE"), user_entry("eve@pier.local", "CAN_USE")}));
  CHECK(*permissions->list(k_app) == std::vector{user_entry("eve@pier.local", "CAN_USE")});
  CHECK_FALSE(may(bob, k_app, "CAN_USE"));
}

TEST_CASE_FIXTURE(Fixture, "permissions: a job keeps exactly one owner, who is no group") {
  REQUIRE(permissions->created(k_job, bob));
  CHECK_FALSE(permissions->replace(k_job, {user_entry("bob@pier.local", "CAN_MANAGE")}));
  CHECK_FALSE(permissions->replace(
      k_job, {user_entry("bob@pier.local", "IS_OWNER"), user_entry("eve@pier.local", "IS_OWNER")}));
  CHECK_FALSE(permissions->replace(k_job, {group_entry("users", "IS_OWNER")}));
  REQUIRE(permissions->merge(k_job, {user_entry("eve@pier.local", "IS_OWNER")}));
  const auto entries = *permissions->list(k_job);
  CHECK(std::count(entries.begin(), entries.end(), user_entry("eve@pier.local", "IS_OWNER")) == 1);
  CHECK(std::count(entries.begin(), entries.end(), user_entry("bob@pier.local", "CAN_MANAGE")) == 1);
}

TEST_CASE_FIXTURE(Fixture, "permissions: entries of the folders above hold below") {
  const ObjectRef folder{.type = "directories", .id = "1"};
  const ObjectRef file{.type = "files", .id = "2"};
  REQUIRE(permissions->created(folder, bob));
  permissions->describe("files", ObjectRules{.exists = [](const std::string& id) -> Result<bool> { return id == "2"; },
                                             .ancestors = [&](const std::string&) -> Result<std::vector<ObjectRef>> {
                                               return std::vector{folder};
                                             }});
  CHECK(may(bob, file, "CAN_MANAGE"));
  CHECK_FALSE(may(eve, file, "CAN_READ"));
  const auto above = *permissions->inherited(file);
  REQUIRE(above.size() == 2);
  CHECK(above[0].from == folder);
  CHECK(above[1].entry.principal == "admins");
  CHECK(permissions->list(ObjectRef{.type = "files", .id = "3"}).error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Fixture, "permissions: a namesake of a removed user inherits nothing") {
  REQUIRE(permissions->created(k_app, bob));
  REQUIRE(permissions->merge(k_app, {user_entry("eve@pier.local", "CAN_USE")}));
  REQUIRE(identity->remove_principal(eve.principal.id));
  eve = caller("eve@pier.local");
  CHECK_FALSE(may(eve, k_app, "CAN_USE"));
}

TEST_CASE_FIXTURE(Fixture, "permissions: warehouses have two names in the API") {
  REQUIRE(permissions->created(ObjectRef{.type = "sql/warehouses", .id = "w"}, bob));
  CHECK(may(bob, ObjectRef{.type = "warehouses", .id = "w"}, "CAN_USE"));
  REQUIRE(permissions->remove_object(ObjectRef{.type = "warehouses", .id = "w"}));
  CHECK_FALSE(*permissions->exists(ObjectRef{.type = "sql/warehouses", .id = "w"}));
}

} // namespace pier::identity

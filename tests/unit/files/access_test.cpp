#include "core/base/files.hpp"
#include "core/files/access.hpp"

#include <doctest/doctest.h>

namespace pier::files {
namespace {

struct Fixture {
  SystemClock clock;
  TempDirectory home = *TempDirectory::create();
  std::unique_ptr<store::Database> database = *store::Database::open(":memory:");
  std::unique_ptr<identity::Identity> identity = *identity::Identity::open(*database, clock, "ada@pier.local");
  std::unique_ptr<identity::Permissions> permissions = *identity::Permissions::open(*database, *identity);
  std::unique_ptr<WorkspaceFiles> files = *WorkspaceFiles::open(*database, clock, home.path() / "files");
  std::unique_ptr<FileAccess> access = *FileAccess::open(*files, *identity, *permissions);
  identity::Caller ada = *identity->owner();
  identity::Caller bob = caller("bob@pier.local");
  identity::Caller eve = caller("eve@pier.local");

  identity::Caller caller(std::string_view name) { return *identity->caller_of(identity->create_user(name, {})->id); }

  ErrorKind refusal(const identity::Caller& who, std::string_view path, std::string_view level) {
    return access->require(who, path, level).error().kind;
  }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "file access: a home belongs to its user, what is made there too") {
  CHECK(files->status("/Users/ada@pier.local"));
  CHECK(access->require_write(bob, "/Users/bob@pier.local/x"));
  REQUIRE(files->make_directories("/Users/bob@pier.local/a/b"));
  REQUIRE(files->write("/Users/bob@pier.local/a/b/x", "1", false));
  CHECK(access->require(bob, "/Users/bob@pier.local/a/b/x", "CAN_MANAGE"));
  CHECK(access->require(ada, "/Users/bob@pier.local/a/b/x", "CAN_MANAGE"));
  CHECK(refusal(eve, "/Users/bob@pier.local/a/b/x", "CAN_READ") == ErrorKind::permission_denied);
  CHECK_FALSE(access->require_write(eve, "/Users/bob@pier.local/x"));
  CHECK_FALSE(access->require_write(eve, "/Users/eve2@pier.local"));
  CHECK_FALSE(access->require_write(eve, "/mine"));
}

TEST_CASE_FIXTURE(Fixture, "file access: service principals have homes by application id") {
  const auto made = *identity->create_service_principal("etl");
  CHECK(files->status("/Users/" + made.principal.name));
}

TEST_CASE_FIXTURE(Fixture, "file access: everybody works in /Shared") {
  CHECK(access->require_write(bob, "/Shared/x"));
  REQUIRE(files->write("/Shared/x", "1", false));
  CHECK(access->require_write(eve, "/Shared/x"));
  CHECK(access->require(eve, "/Shared/x", "CAN_MANAGE"));
}

TEST_CASE_FIXTURE(Fixture, "file access: a shared file can be read and edited, not removed") {
  REQUIRE(files->write("/Users/bob@pier.local/x", "1", false));
  const auto object = *files->status("/Users/bob@pier.local/x");
  REQUIRE(permissions->merge(permission_ref(object),
                             {identity::AccessEntry{.principal = "eve@pier.local", .level = "CAN_EDIT"}}));
  CHECK(access->require_write(eve, object.path));
  CHECK(access->require(eve, object.path, "CAN_READ"));
  CHECK_FALSE(access->require(eve, object.path, "CAN_MANAGE"));
  CHECK_FALSE(access->require_write(eve, "/Users/bob@pier.local/y"));
  REQUIRE(files->remove(object.path, false));
  CHECK(database->query("SELECT count(*) FROM identity_acl WHERE type = 'files'")->front().integer(0) == 0);
}

TEST_CASE_FIXTURE(Fixture, "file access: listings of open folders show what one may read") {
  CHECK(access->list(eve, "/Users")->size() == 1);
  CHECK(access->list(ada, "/Users")->size() == 3);
  CHECK(access->list(eve, "/")->size() == 2);
  CHECK(access->list(eve, "/Users/bob@pier.local").error().kind == ErrorKind::permission_denied);
  CHECK(access->list(eve, "/nix").error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Fixture, "file access: the permissions API names objects by type and id") {
  const auto shared = *files->status("/Shared");
  const auto id = std::to_string(shared.object_id);
  CHECK(*permissions->exists(identity::ObjectRef{.type = "directories", .id = id}));
  CHECK_FALSE(*permissions->exists(identity::ObjectRef{.type = "files", .id = id}));
  CHECK_FALSE(permissions->exists(identity::ObjectRef{.type = "files", .id = "x"}));
}

TEST_CASE_FIXTURE(Fixture, "file access: opening again changes nothing") {
  const auto shared = permission_ref(*files->status("/Shared"));
  REQUIRE(permissions->replace(shared, {}));
  access = *FileAccess::open(*files, *identity, *permissions);
  CHECK(permissions->list(shared)->empty());
  CHECK_FALSE(access->require_write(eve, "/Shared/x"));
}

} // namespace pier::files

#include "core/base/files.hpp"
#include "core/files/volume_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace pier::files {
namespace {

struct Fixture {
  SystemClock clock;
  TempDirectory home = *TempDirectory::create();
  std::unique_ptr<store::Database> database = *store::Database::open(":memory:");
  std::unique_ptr<identity::Identity> identity = *identity::Identity::open(*database, clock, "ada@pier.local");
  std::unique_ptr<catalog::Catalog> catalog =
      *catalog::Catalog::open(*database, clock, home.path() / "lake", home.path() / "volumes", identity.get());
  VolumeFiles files{*catalog};
  identity::Caller ada = *identity->owner();
  identity::Caller bob = *identity->caller_of(identity->create_user("bob@pier.local", {})->id);

  Fixture() {
    [[maybe_unused]] const auto made = catalog->create(
        ada, catalog::NewSecurable{.type = catalog::SecurableType::volume, .parent = "main.default", .name = "raw"});
  }

  Result<void> put(std::string_view path, std::string_view content, bool overwrite = false) {
    return files.write(ada, path, content, {}, overwrite);
  }

  std::string get(std::string_view path) {
    const auto place = files.open(ada, path);
    return place ? read_file(place->file).value_or(std::string("missing")) : "refused";
  }

  void grant(catalog::SecurableType type, const std::string& name, std::vector<std::string> privileges) {
    REQUIRE(
        catalog->change_grants(ada, catalog::Securable{.type = type, .full_name = name},
                               {catalog::GrantChange{.principal = "bob@pier.local", .add = std::move(privileges)}}));
  }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "volume files: written whole, read back, parents made, replaced only when asked") {
  REQUIRE(put("/Volumes/main/default/raw/a/b/x.csv", "1,2"));
  CHECK(get("/Volumes/MAIN/default/raw/a/b/x.csv") == "1,2");
  CHECK(put("/Volumes/main/default/raw/a/b/x.csv", "3").error().code == "ALREADY_EXISTS");
  REQUIRE(put("/Volumes/main/default/raw/a/b/x.csv", "3", true));
  CHECK(get("/Volumes/main/default/raw/a/b/x.csv") == "3");
  CHECK(files.status(ada, "/Volumes/main/default/raw/a")->is_directory);
  CHECK(files.status(ada, "/Volumes/main/default/raw/a/b/x.csv")->size == 1);
  CHECK(files.status(ada, "/Volumes/main/default/raw/nix").error().code == "NOT_FOUND");
}

TEST_CASE_FIXTURE(Fixture, "volume files: an uploaded file is taken over") {
  REQUIRE(write_file_atomically(home.path() / "spooled", "content"));
  REQUIRE(files.write(ada, "/Volumes/main/default/raw/x", {}, home.path() / "spooled", false));
  CHECK(get("/Volumes/main/default/raw/x") == "content");
  CHECK_FALSE(std::filesystem::exists(home.path() / "spooled"));
}

TEST_CASE_FIXTURE(Fixture, "volume files: no path and no link leads out") {
  REQUIRE(write_file_atomically(home.path() / "outside", "secret"));
  std::filesystem::create_symlink(home.path(), *catalog->volume_folder("main.default.raw") / "link");
  CHECK(get("/Volumes/main/default/raw/../raw/x") == "refused");
  CHECK(get("/Volumes/main/default/raw/link/outside") == "refused");
  CHECK_FALSE(put("/Volumes/main/default/raw/link/new", "1"));
  CHECK_FALSE(put("/Volumes/main/default", "1"));
  CHECK_FALSE(put("/Volumes/main/default/nix/x", "1"));
  CHECK_FALSE(put("/Volumes/main/default/raw", "1", true));
  CHECK_FALSE(files.open(ada, "/Volumes/main.default/raw/x/y"));
}

TEST_CASE_FIXTURE(Fixture, "volume files: reading and writing need their privileges and the way there") {
  REQUIRE(put("/Volumes/main/default/raw/x", "1"));
  CHECK(files.status(bob, "/Volumes/main/default/raw/x").error().kind == ErrorKind::permission_denied);
  grant(catalog::SecurableType::volume, "main.default.raw", {"READ_VOLUME"});
  CHECK_FALSE(files.status(bob, "/Volumes/main/default/raw/x"));
  grant(catalog::SecurableType::catalog, "main", {"USE_CATALOG"});
  grant(catalog::SecurableType::schema, "main.default", {"USE_SCHEMA"});
  CHECK(files.status(bob, "/Volumes/main/default/raw/x"));
  CHECK_FALSE(files.write(bob, "/Volumes/main/default/raw/y", "1", {}, false));
  CHECK_FALSE(files.remove(bob, "/Volumes/main/default/raw/x"));
  grant(catalog::SecurableType::volume, "main.default.raw", {"WRITE_VOLUME"});
  CHECK(files.write(bob, "/Volumes/main/default/raw/y", "1", {}, false));
}

TEST_CASE_FIXTURE(Fixture, "volume files: directories are made, listed page by page and removed when empty") {
  const std::string root = "/Volumes/main/default/raw/d";
  REQUIRE(files.make_directories(ada, root));
  REQUIRE(files.make_directories(ada, root));
  for (const auto* name : {"c", "a", "b"}) {
    REQUIRE(put(root + "/" + name, "1"));
  }
  REQUIRE(write_file_atomically(*catalog->volume_folder("main.default.raw") / "d" / ".pier-tmp-1", "half"));
  const auto first = files.list(ada, root, 2, {});
  REQUIRE(first);
  REQUIRE(first->entries.size() == 2);
  CHECK(first->entries[0].name() == "a");
  const auto second = files.list(ada, root, 2, first->next_page_token);
  REQUIRE(second->entries.size() == 1);
  CHECK(second->entries[0].path == root + "/c");
  CHECK(second->next_page_token.empty());
  CHECK(files.list(ada, root, 2, "tampered").error().kind == ErrorKind::invalid_argument);
  CHECK(get(root + "/.pier-tmp-1") == "refused");
  CHECK(files.remove_directory(ada, root).error().code == "FILES_API_DIRECTORY_IS_NOT_EMPTY");
  CHECK(files.make_directories(ada, root + "/a/x").error().code == "ALREADY_EXISTS");
  CHECK_FALSE(files.remove(ada, root));
  CHECK_FALSE(files.remove_directory(ada, root + "/a"));
  REQUIRE(files.remove(ada, root + "/a"));
  CHECK(files.remove(ada, root + "/a").error().code == "NOT_FOUND");
}

} // namespace pier::files

#include "core/base/files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

namespace fs = std::filesystem;

TEST_CASE("files: atomic replace leaves only the new content") {
  const auto folder = pier::TempDirectory::create().value();
  const auto path = folder.path() / "f";
  REQUIRE(pier::write_file_atomically(path, "one"));
  REQUIRE(pier::write_file_atomically(path, "two"));
  CHECK(pier::read_file(path).value() == "two");
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("files: exclusive create refuses a second writer and leaves no temporary") {
  const auto folder = pier::TempDirectory::create().value();
  const auto path = folder.path() / "0.json";
  REQUIRE(pier::create_file_exclusively(path, "a"));
  const auto second = pier::create_file_exclusively(path, "b");
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == pier::ErrorKind::already_exists);
  CHECK(pier::read_file(path).value() == "a");
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("files: reads are bounded") {
  const auto folder = pier::TempDirectory::create().value();
  REQUIRE(pier::write_file_atomically(folder.path() / "f", std::string(100, 'x')));
  const auto read = pier::read_file(folder.path() / "f", 99);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == pier::ErrorKind::too_large);
}

TEST_CASE("files: resolve_inside keeps untrusted paths in their folder") {
  const auto folder = pier::TempDirectory::create().value();
  const auto& root = folder.path();
  CHECK(pier::resolve_inside(root, "a/../b").value() == root / "b");
  CHECK(pier::resolve_inside(root, "/etc/passwd").value() == root / "etc/passwd");
  CHECK_FALSE(pier::resolve_inside(root, "../x"));
  CHECK_FALSE(pier::resolve_inside(root, "a/../../x"));
  fs::create_directory_symlink("/etc", root / "link");
  CHECK_FALSE(pier::resolve_inside(root, "link/passwd"));
}

TEST_CASE("files: a lock is exclusive until it goes") {
  const auto folder = pier::TempDirectory::create().value();
  {
    const auto lock = pier::FileLock::try_acquire(folder.path() / "lock");
    REQUIRE(lock);
    CHECK_FALSE(pier::FileLock::try_acquire(folder.path() / "lock"));
  }
  CHECK(pier::FileLock::try_acquire(folder.path() / "lock"));
}

#include "core/git/repository.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::TempDirectory;
using pier::git::read_repository;

namespace {

void put(const std::filesystem::path& file, std::string_view content) {
  REQUIRE(pier::make_directories(file.parent_path()));
  REQUIRE(pier::write_file_atomically(file, content, pier::Durability::none));
}

/// The least that makes a repository, without a commit.
void make_repository(const std::filesystem::path& root) {
  put(root / ".git" / "HEAD", "ref: refs/heads/trunk\n");
  put(root / ".git" / "config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
                                "[remote \"origin\"]\n\turl = https://ada:pw@git.test/shop.git\n");
  REQUIRE(pier::make_directories(root / ".git" / "objects"));
  REQUIRE(pier::make_directories(root / ".git" / "refs" / "heads"));
}

} // namespace

TEST_CASE("repository: branch, origin and dirty state of a new repository") {
  const auto temp = TempDirectory::create().value();
  make_repository(temp.path());
  REQUIRE(pier::make_directories(temp.path() / "sub"));
  auto state = read_repository(temp.path() / "sub");
  REQUIRE(state);
  REQUIRE(state->has_value());
  CHECK(state->value().branch == "trunk");
  CHECK(state->value().commit.empty());
  CHECK(state->value().origin_url == "https://git.test/shop.git");
  CHECK(std::filesystem::equivalent(state->value().root, temp.path()));
  CHECK_FALSE(state->value().dirty);
  put(temp.path() / "new.txt", "x");
  state = read_repository(temp.path());
  REQUIRE(state);
  CHECK(state->value().dirty);
}

TEST_CASE("repository: a folder without one is no error") {
  const auto temp = TempDirectory::create().value();
  const auto state = read_repository(temp.path());
  REQUIRE(state);
  CHECK_FALSE(state->has_value());
}

TEST_CASE("repository: a missing source of a clone is an error with its address") {
  const auto temp = TempDirectory::create().value();
  const auto result = pier::git::clone_repository((temp.path() / "none").string(), temp.path() / "copy");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "PIER0402");
  CHECK(result.error().message.find("none") != std::string::npos);
}

TEST_CASE("repository: addresses lose user and password") {
  CHECK(pier::git::without_credentials("https://a:b@h.test/x") == "https://h.test/x");
  CHECK(pier::git::without_credentials("https://h.test/x@y") == "https://h.test/x@y");
  CHECK(pier::git::without_credentials("git@h.test:x.git") == "git@h.test:x.git");
}

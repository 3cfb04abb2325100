#include "core/git/worktree_ignore.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::TempDirectory;
using pier::git::WorktreeIgnore;

namespace {

void put(const std::filesystem::path& file, std::string_view content) {
  REQUIRE(pier::make_directories(file.parent_path()));
  REQUIRE(pier::write_file_atomically(file, content, pier::Durability::none));
}

} // namespace

TEST_CASE("worktree ignore: lists of all folders from the repository's root down") {
  const auto temp = TempDirectory::create().value();
  put(temp.path() / ".git" / "HEAD", "ref: refs/heads/main\n");
  put(temp.path() / ".git" / "info" / "exclude", "secret.txt\n");
  put(temp.path() / ".gitignore", "*.pyc\n/top\n");
  put(temp.path() / "project" / ".gitignore", "dist/\n");
  put(temp.path() / "project" / "web" / ".gitignore", "/out\n");
  WorktreeIgnore ignore(temp.path() / "project");
  CHECK(ignore.ignores("a.pyc", false));
  CHECK(ignore.ignores("dist", true));
  CHECK(ignore.ignores("web/out", false));
  CHECK(ignore.ignores("web/secret.txt", false));
  CHECK_FALSE(ignore.ignores("out", false));
  CHECK_FALSE(ignore.ignores("top", false));
  CHECK_FALSE(ignore.ignores("app.py", false));
}

TEST_CASE("worktree ignore: .git and .databricks never belong to the files") {
  const auto temp = TempDirectory::create().value();
  WorktreeIgnore ignore(temp.path());
  CHECK(ignore.ignores(".git", true));
  CHECK(ignore.ignores("sub/.databricks/bundle/x.json", false));
  CHECK_FALSE(ignore.ignores(".", true));
  CHECK_FALSE(ignore.ignores(".github/workflows/x.yml", false));
}

TEST_CASE("worktree ignore: the user's excludes file is found by the configuration") {
  const auto temp = TempDirectory::create().value();
  put(temp.path() / ".gitconfig", "[user]\n\tname = x\n[core]\n\texcludesFile = ~/mine\n");
  CHECK(pier::git::user_excludes_file(pier::Environment({{"HOME", temp.path()}})) == temp.path() / "mine");
  CHECK(pier::git::user_excludes_file(pier::Environment({{"HOME", temp.path() / "other"}})) ==
        temp.path() / "other/.config/git/ignore");
  put(temp.path() / "mine", "*.bak\n");
  WorktreeIgnore ignore(temp.path(), temp.path() / "mine");
  CHECK(ignore.ignores("x/y.bak", false));
}

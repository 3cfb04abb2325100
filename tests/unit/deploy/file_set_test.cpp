#include "core/deploy/file_set.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::TempDirectory;
using namespace pier::deploy;

namespace {

void put(const std::filesystem::path& file, std::string_view content) {
  REQUIRE(pier::make_directories(file.parent_path()));
  REQUIRE(pier::write_file_atomically(file, content, pier::Durability::none));
}

std::vector<std::string> names(const pier::model::SyncSettings& settings) {
  const auto files = list_files(settings, {});
  REQUIRE(files);
  std::vector<std::string> found;
  for (const auto& file : *files) {
    found.push_back(file.path);
  }
  return found;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("file set: git's rules, include and exclude") {
  const auto temp = TempDirectory::create().value();
  put(temp.path() / ".gitignore", "dist/\n*.log\n");
  put(temp.path() / "app" / "main.py", "print(1)\n");
  put(temp.path() / "app" / "debug.log", "x");
  put(temp.path() / "dist" / "bundle.js", "x");
  put(temp.path() / "notes.md", "x");
  put(temp.path() / ".databricks" / "bundle" / "dev" / "secret.json", "x");
  put(temp.path() / ".databricks" / "bundle" / "dev" / ".internal" / "run.py", "x");
  std::filesystem::create_symlink("notes.md", temp.path() / "link.md");
  pier::model::SyncSettings settings{.sync_root = temp.path(), .paths = {"."}, .include = {}, .exclude = {}};
  settings.internal = ".databricks/bundle/dev/.internal";
  CHECK(names(settings) == Names{".databricks/bundle/dev/.internal/run.py", ".gitignore", "app/main.py", "notes.md"});
  settings.include = {"dist/*.js"};
  settings.exclude = {"*.md", ".gitignore"};
  CHECK(names(settings) == Names{".databricks/bundle/dev/.internal/run.py", "app/main.py", "dist/bundle.js"});
}

TEST_CASE("file set: only the paths that were named") {
  const auto temp = TempDirectory::create().value();
  put(temp.path() / "a" / "x.py", "x");
  put(temp.path() / "b" / "y.py", "x");
  CHECK(names({.sync_root = temp.path(), .paths = {"b/"}, .include = {}, .exclude = {}}) == Names{"b/y.py"});
  const auto missing = list_files({.sync_root = temp.path(), .paths = {"c"}, .include = {}, .exclude = {}}, {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == "PIER2041");
}

TEST_CASE("file set: notebooks are told by their first line") {
  const auto temp = TempDirectory::create().value();
  put(temp.path() / "n.py", "# Databricks notebook source\nprint(1)\n");
  put(temp.path() / "p.py", "# Databricks notebook sources\n");
  put(temp.path() / "q.sql", "-- Databricks notebook source\r\nselect 1\n");
  put(temp.path() / "j.ipynb", R"({"nbformat":4,"nbformat_minor":2,"metadata":{},"cells":[]})");
  put(temp.path() / "broken.ipynb", "{");
  CHECK(is_notebook(temp.path() / "n.py"));
  CHECK_FALSE(is_notebook(temp.path() / "p.py"));
  CHECK(is_notebook(temp.path() / "q.sql"));
  CHECK(is_notebook(temp.path() / "j.ipynb"));
  CHECK_FALSE(is_notebook(temp.path() / "broken.ipynb"));
  CHECK(without_notebook_extension("a.b/n.py") == "a.b/n");
  CHECK(without_notebook_extension("a.b/n") == "a.b/n");
  CHECK(without_notebook_extension("x.designer.ipynb") == "x.designer.ipynb");
}

#include "core/base/files.hpp"
#include "core/files/workspace_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace pier::files {
namespace {

constexpr std::string_view k_notebook = "# Databricks notebook source\nprint(1)\n";

struct Fixture {
  SystemClock clock;
  TempDirectory home = *TempDirectory::create();
  std::unique_ptr<store::Database> database = *store::Database::open(":memory:");
  std::unique_ptr<WorkspaceFiles> files = *WorkspaceFiles::open(*database, clock, home.path() / "files");

  std::size_t contents_on_disk() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(home.path() / "files")) {
      ++count;
    }
    return count;
  }
};

std::string bytes(std::size_t size, char seed) {
  std::string out(size, seed);
  for (std::size_t i = 0; i < size; i += 7) {
    out[i] = static_cast<char>(i);
  }
  return out;
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "workspace files: what is written is read, under both names of the place") {
  REQUIRE(files->make_directories("/Workspace/a/b"));
  const auto content = std::string("\0\xff\n binary", 10);
  const auto made = files->write("/Workspace//a/b/x.bin", content, false);
  REQUIRE(made);
  CHECK(made->path == "/a/b/x.bin");
  CHECK(made->size == 10);
  CHECK(*files->read("/a/b/x.bin") == content);
  CHECK(files->status("/Workspace/a/b/x.bin")->object_id == made->object_id);
}

TEST_CASE_FIXTURE(Fixture, "workspace files: small and large contents change into each other without leftovers") {
  const auto small = bytes(1000, 's');
  const auto large = bytes(300'000, 'l');
  REQUIRE(files->write("/x", small, false));
  const auto id = files->status("/x")->object_id;
  CHECK(contents_on_disk() == 0);
  REQUIRE(files->write("/x", large, true));
  CHECK(contents_on_disk() == 1);
  CHECK(*files->read("/x") == large);
  CHECK(files->status("/x")->object_id == id);
  REQUIRE(files->write("/x", small, true));
  CHECK(contents_on_disk() == 0);
  CHECK(*files->read("/x") == small);
}

TEST_CASE_FIXTURE(Fixture, "workspace files: a file of the disk is taken over") {
  const auto content = bytes(300'000, 'f');
  REQUIRE(write_file_atomically(home.path() / "spooled", content));
  REQUIRE(files->write_from("/big", home.path() / "spooled", false));
  CHECK(*files->read("/big") == content);
  CHECK_FALSE(files->content("/big")->file.empty());
  REQUIRE(write_file_atomically(home.path() / "n.py", k_notebook));
  CHECK(files->write_from("/n.py", home.path() / "n.py", false)->path == "/n");
}

TEST_CASE_FIXTURE(Fixture, "workspace files: what a crash left without metadata goes at the next start") {
  REQUIRE(files->write("/x", bytes(300'000, 'x'), false));
  REQUIRE(write_file_atomically(home.path() / "files" / "orphan", "1", Durability::none));
  files = *WorkspaceFiles::open(*database, clock, home.path() / "files");
  CHECK(contents_on_disk() == 1);
  CHECK(files->read("/x"));
}

TEST_CASE_FIXTURE(Fixture, "workspace files: errors as the API documents them") {
  CHECK(files->status("/nix").error().message == "Path (/nix) doesn't exist.");
  CHECK(files->write("/nix/x", "1", true).error().message == "The parent folder (/nix) does not exist.");
  REQUIRE(files->write("/x", "1", false));
  const auto again = files->write("/x", "2", false).error();
  CHECK(again.kind == ErrorKind::already_exists);
  CHECK(again.code == "ALREADY_EXISTS");
  CHECK(*files->read("/x") == "1");
  CHECK(files->make_directories("/x/y").error().code == "RESOURCE_ALREADY_EXISTS");
  CHECK(files->write("/x/y", "1", true).error().kind == ErrorKind::not_found);
  REQUIRE(files->make_directories("/d"));
  CHECK(files->write("/d", "1", true).error().code == "RESOURCE_ALREADY_EXISTS");
  CHECK(files->read("/d").error().kind == ErrorKind::invalid_argument);
  CHECK_FALSE(files->write("/", "1", true));
}

TEST_CASE_FIXTURE(Fixture, "workspace files: a notebook loses its extension and gets it back on the disk") {
  const auto notebook = files->write("/etl.py", k_notebook, false);
  REQUIRE(notebook);
  CHECK(notebook->path == "/etl");
  CHECK(notebook->type == ObjectType::notebook);
  CHECK(notebook->language == "PYTHON");
  CHECK(files->write("/etl", "text", true).error().code == "RESOURCE_ALREADY_EXISTS");
  REQUIRE(files->write("/etl.py", "print(2)", false)); // a plain file of that name is another object
  REQUIRE(files->remove("/etl.py", false));
  REQUIRE(files->make_directories("/app/empty"));
  REQUIRE(files->write("/app/main.py", "x", false));
  REQUIRE(files->write("/app/nb.ipynb", "{}", false));
  REQUIRE(files->write("/app/big", bytes(300'000, 'b'), false));
  REQUIRE(files->materialize("/app", home.path() / "out"));
  CHECK(*read_file(home.path() / "out" / "main.py") == "x");
  CHECK(*read_file(home.path() / "out" / "nb.ipynb") == "{}");
  CHECK(read_file(home.path() / "out" / "big")->size() == 300'000);
  CHECK(std::filesystem::is_directory(home.path() / "out" / "empty"));
  REQUIRE(files->materialize("/etl", home.path() / "one"));
  CHECK(*read_file(home.path() / "one.py") == k_notebook);
}

TEST_CASE_FIXTURE(Fixture, "workspace files: import takes the format's word") {
  const auto import = [&](std::string_view path, ImportFormat format, const std::string& language, bool overwrite) {
    return files->import(path, k_notebook,
                         ImportOptions{.format = format, .language = language, .overwrite = overwrite});
  };
  CHECK(import("/raw.py", ImportFormat::raw, "", false)->type == ObjectType::file);
  CHECK(import("/auto.py", ImportFormat::automatic, "", false)->path == "/auto");
  CHECK(import("/source", ImportFormat::source, "SQL", false)->language == "SQL");
  CHECK(import("/none", ImportFormat::source, "", false).error().kind == ErrorKind::invalid_argument);
  const auto again = import("/source", ImportFormat::source, "SQL", false).error();
  CHECK(again.kind == ErrorKind::invalid_argument);
  CHECK(again.code == "RESOURCE_ALREADY_EXISTS");
  CHECK(import("/source", ImportFormat::source, "PYTHON", true)->language == "PYTHON");
  const std::string huge(11 * 1024 * 1024, 'x');
  CHECK(files->import("/huge", huge, ImportOptions{.format = ImportFormat::raw}).error().code ==
        "MAX_NOTEBOOK_SIZE_EXCEEDED");
}

TEST_CASE_FIXTURE(Fixture, "workspace files: folders are listed, and removed with content only when asked") {
  REQUIRE(files->make_directories("/d/e"));
  REQUIRE(files->write("/d/f", "1", false));
  REQUIRE(files->make_directories("/d0")); // sorts between "/d" and "/d/…" for a naive prefix
  CHECK(files->list("/d")->size() == 2);
  CHECK(files->list("/d/f")->size() == 1);
  CHECK(files->list("/d/e")->empty());
  CHECK(files->remove("/d", false).error().code == "DIRECTORY_NOT_EMPTY");
  std::vector<std::string> gone;
  files->on_removed([&](const std::vector<ObjectInfo>& objects) -> Result<void> {
    for (const auto& object : objects) {
      gone.push_back(object.path);
    }
    return {};
  });
  REQUIRE(files->remove("/d", true));
  CHECK(gone == std::vector<std::string>{"/d/f", "/d/e", "/d"});
  CHECK(files->status("/d0"));
  CHECK(files->remove("/d", true).error().kind == ErrorKind::not_found);
  CHECK_FALSE(files->remove("/", true));
}

TEST_CASE_FIXTURE(Fixture, "workspace files: ids are never used again") {
  const auto first = files->write("/x", "1", false)->object_id;
  REQUIRE(files->remove("/x", false));
  CHECK(files->write("/x", "1", false)->object_id > first);
}

} // namespace pier::files

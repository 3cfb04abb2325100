#include "core/base/folder_watch.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace {

void put(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
  REQUIRE(pier::write_file_atomically(file, "x", pier::Durability::none));
}

} // namespace

TEST_CASE("folder watch: files of a tree, of new folders, and a stop") {
  const auto temp = pier::TempDirectory::create().value();
  const auto root = temp.path();
  std::filesystem::create_directories(root / "a" / "b");
  auto watch = pier::FolderWatch::create([](const auto& folder) { return folder.filename() == ".git"; }).value();
  REQUIRE(watch.add_tree(root));
  std::stop_source stop;
  put(root / "a" / "b" / "f");
  CHECK(watch.wait(stop.get_token(), 1ms).value());
  std::filesystem::create_directories(root / "new");
  CHECK(watch.wait(stop.get_token(), 1ms).value());
  put(root / "new" / "f");
  CHECK(watch.wait(stop.get_token(), 1ms).value());
  std::filesystem::remove(root / "new" / "f");
  CHECK(watch.wait(stop.get_token(), 1ms).value());
  stop.request_stop();
  CHECK_FALSE(watch.wait(stop.get_token(), 1ms).value());
}

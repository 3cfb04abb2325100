#include "core/base/glob.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace pier;

TEST_CASE("glob: stars stay within a name") {
  CHECK(glob_match("*.yml", "a.yml"));
  CHECK_FALSE(glob_match("*.yml", "a/b.yml"));
  CHECK(glob_match("a?[0-9][^x]\\*", "ab1y*"));
  CHECK_FALSE(glob_match("[a", "a"));
  CHECK(glob_match("*a*b*", "xxaxxbxx"));
  CHECK_FALSE(glob_match("*a*b*", "xxbxxaxx"));
}

TEST_CASE("glob: files below a folder or from the root of the file system") {
  const auto temp = TempDirectory::create().value();
  std::filesystem::create_directories(temp.path() / "dist");
  for (const auto* name : {"a-1.whl", "a-2.whl", "b.txt"}) {
    std::ofstream(temp.path() / "dist" / name) << "x";
  }
  CHECK(glob_files(temp.path(), "dist/*.whl") == std::vector<std::string>{"dist/a-1.whl", "dist/a-2.whl"});
  CHECK(glob_files(temp.path() / "dist/a-[2].whl") == std::vector{temp.path() / "dist/a-2.whl"});
  CHECK(glob_files(temp.path() / "d*" / "b.txt") == std::vector{temp.path() / "dist/b.txt"});
  CHECK(glob_files(temp.path() / "none" / "*").empty());
}

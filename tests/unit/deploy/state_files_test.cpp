#include "core/deploy/state_files.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::deploy;

namespace {

struct Folder {
  TempDirectory temp = TempDirectory::create().value();
  model::Bundle bundle;

  Folder() { bundle.local_dir = temp.path() / "dev"; }

  void write(const std::string& name, std::string_view text) const {
    const auto path = bundle.local_dir / name;
    std::filesystem::create_directories(path.parent_path());
    REQUIRE(write_file_atomically(path, text));
  }
};

} // namespace

TEST_CASE("state files: the higher serial is preferred, each says what it is") {
  const Folder folder;
  folder.write("resources.json", R"({"serial":3,"lineage":"L"})");
  folder.write("terraform/terraform.tfstate", R"({"serial":7,"lineage":"L"})");
  const auto files = read_local_state_files(folder.bundle).value();
  REQUIRE(files.size() == 2);
  CHECK_FALSE(files.back().is_direct);
  CHECK(files.front().describe() ==
        local_state_file(folder.bundle).string() + ": local direct state serial=3 lineage=\"L\"");
  CHECK(check_state_files(files));
}

TEST_CASE("state files: files that do not belong together") {
  const Folder folder;
  folder.write("resources.json", R"({"serial":3,"lineage":"L"})");
  SUBCASE("another lineage") {
    folder.write("terraform/terraform.tfstate", R"({"serial":7,"lineage":"M"})");
    const auto checked = check_state_files(read_local_state_files(folder.bundle).value());
    REQUIRE_FALSE(checked);
    CHECK(checked.error().message.find("lineage mismatch in state files\n\nAvailable state files:\n- ") == 0);
  }
  SUBCASE("the same serial of two engines") {
    folder.write("terraform/terraform.tfstate", R"({"serial":3,"lineage":"L"})");
    const auto checked = check_state_files(read_local_state_files(folder.bundle).value());
    REQUIRE_FALSE(checked);
    CHECK(checked.error().message.find("same serial number in terraform and direct states\n") == 0);
  }
  SUBCASE("no JSON") {
    folder.write("resources.json", "{");
    const auto files = read_local_state_files(folder.bundle);
    REQUIRE_FALSE(files);
    CHECK(files.error().message ==
          "parsing " + local_state_file(folder.bundle).string() + ": unexpected end of JSON input");
  }
}

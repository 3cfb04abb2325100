#include "core/workspace_client/config_edit.hpp"

#include "core/base/files.hpp"
#include "core/workspace_client/config_file.hpp"

#include <doctest/doctest.h>

using pier::workspace_client::ConfigFile;
using pier::workspace_client::with_profile;
using pier::workspace_client::write_profile;

namespace {

const std::vector<std::pair<std::string, std::string>> k_attributes = {{"host", "http://127.0.0.1:1"},
                                                                       {"token", "dapi1"}};
constexpr std::string_view k_section = "[pier-local]\nhost  = http://127.0.0.1:1\ntoken = dapi1\n";

} // namespace

TEST_CASE("config edit: an empty file gets the profile") {
  CHECK(with_profile("", "pier-local", k_attributes) == k_section);
}

TEST_CASE("config edit: a new profile is appended, the rest stays byte for byte") {
  const std::string text = "; mine\r\n[DEFAULT]\nhost=https://x.test  # c\n\n\n[a]\ntoken = 1";
  CHECK(with_profile(text, "pier-local", k_attributes) == text + "\n\n" + std::string(k_section));
}

TEST_CASE("config edit: an old profile is replaced where it stands") {
  const std::string before = "[a]\nhost = x\n\n";
  const std::string after = "\n# about b\n[b]\nhost = y\n";
  const std::string old = "[pier-local]\nhost = old\nclient_id = gone\n";
  CHECK(with_profile(before + old + after, "pier-local", k_attributes) == before + std::string(k_section) + after);
}

TEST_CASE("config edit: twice is once") {
  const auto once = with_profile("[a]\nhost = x\n", "pier-local", k_attributes);
  CHECK(with_profile(once, "pier-local", k_attributes) == once);
  CHECK(ConfigFile::parse(once)->find("pier-local")->at("token") == "dapi1");
  CHECK(ConfigFile::parse(once)->find("a")->at("host") == "x");
}

TEST_CASE("config edit: the file is private and links are followed") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto real = folder->path() / "real";
  const auto link = folder->path() / "link";
  REQUIRE(pier::write_file_atomically(real, "[a]\nhost = x\n"));
  std::filesystem::create_symlink(real, link);
  REQUIRE(write_profile(link, "pier-local", k_attributes));
  CHECK(std::filesystem::is_symlink(link));
  CHECK(pier::read_file(real)->ends_with(k_section));
  CHECK(std::filesystem::status(real).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

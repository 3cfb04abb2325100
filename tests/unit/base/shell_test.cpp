#include "core/base/shell.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using namespace pier;

namespace {

/// A folder that holds programs of these names, and an environment that knows no other.
struct Programs {
  TempDirectory folder = TempDirectory::create().value();
  Environment env;

  explicit Programs(const std::vector<std::string>& names) {
    for (const auto& name : names) {
      std::filesystem::create_symlink("/bin/sh", folder.path() / name);
    }
    env.set("PATH", folder.path().string());
  }

  [[nodiscard]] std::string at(const std::string& name) const { return (folder.path() / name).string(); }
};

} // namespace

TEST_CASE("shell: bash before sh, and sh where there is no bash") {
  const Programs both({"sh", "bash"});
  CHECK(find_shell(both.env)->is_bash);
  CHECK(find_shell(both.env)->call("exit 3") == std::vector<std::string>{both.at("bash"), "-ec", "exit 3"});
  const Programs small({"sh"});
  CHECK_FALSE(find_shell(small.env)->is_bash);
  CHECK(find_shell(small.env)->program == small.at("sh"));
}

TEST_CASE("shell: one that was asked for by name") {
  const Programs small({"sh"});
  CHECK(find_shell(small.env, "sh")->program == small.at("sh"));
  CHECK(find_shell(small.env, "bash").error().message == "the shell bash is not on PATH");
  CHECK(find_shell(Programs({}).env).error().code == "PIER0023");
}

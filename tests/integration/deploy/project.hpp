#pragma once

#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "tests/integration/server/daemon_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace pier::test {

/// A bundle in a temporary folder beside a local workspace of its own; commands are the real `pier`.
struct Project {
  DaemonFixture daemon;
  TempDirectory folder = TempDirectory::create("pier-project").value();

  Project() {
    daemon.start();
    daemon.env.set("HOME", folder.path().string());
    for (const auto* name : {"DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_PROFILE"}) {
      daemon.env.unset(name);
    }
  }

  void put(const std::string& path, std::string_view content) const {
    const auto file = folder.path() / "bundle" / path;
    REQUIRE(make_directories(file.parent_path()));
    REQUIRE(write_file_atomically(file, content, Durability::none));
  }

  [[nodiscard]] std::filesystem::path state_file(const std::string& target) const {
    return folder.path() / "bundle" / ".databricks" / "bundle" / target / "resources.json";
  }

  [[nodiscard]] Json state(const std::string& target) const {
    return Json::parse(read_file(state_file(target)).value()).value();
  }

  [[nodiscard]] Command command(std::vector<std::string> arguments) const {
    Command command;
    command.argv = {(executable_path().parent_path() / "pier").string()};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.env = daemon.env;
    command.cwd = folder.path() / "bundle";
    return command;
  }

  CapturedOutput pier(std::vector<std::string> arguments) const {
    auto output = run_captured(command(std::move(arguments)));
    REQUIRE(output);
    return *std::move(output);
  }

  /// A command that has to work; its standard output.
  std::string run(std::vector<std::string> arguments) const {
    const auto output = pier(std::move(arguments));
    REQUIRE_MESSAGE(output.status.ok(), output.standard_output, output.standard_error);
    return output.standard_output;
  }
};

/// Schemas, a volume in one of them and a scope: what a workspace makes at once.
inline std::string small_bundle(const std::string& comment = "first") {
  return "bundle:\n  name: small\n"
         "targets:\n  prod:\n    mode: production\n    default: true\n"
         "    workspace:\n      root_path: /Workspace/Shared/small\n"
         "resources:\n"
         "  schemas:\n"
         "    gold:\n      catalog_name: main\n      name: gold\n      comment: " +
         comment +
         "\n      grants:\n        - principal: account users\n          privileges: [USE_SCHEMA]\n"
         "  volumes:\n"
         "    raw:\n      catalog_name: main\n      schema_name: ${resources.schemas.gold.name}\n      name: raw\n"
         "      volume_type: MANAGED\n"
         "  secret_scopes:\n    keys:\n      name: keys\n";
}

} // namespace pier::test

#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pier::apps {

/// One variable that the author gives: a literal value, or the key of a resource.
struct EnvEntry {
  std::string name;
  std::string value;
  std::string value_from; ///< not empty: the value is that resource's
  bool operator==(const EnvEntry&) const = default;
};

/// What an app's author says about running it (facts: apps-runtime 1.1).
struct AppFile {
  std::vector<std::string> command; ///< empty: the default command
  std::vector<EnvEntry> env;
  std::vector<std::string> warnings;
};

/// The text of an app.yaml. Unknown keys are fine; both valueFrom and value_from are understood.
Result<AppFile> parse_app_file(std::string_view yaml);

/// app.yml or app.yaml of a source folder; empty when there is none.
Result<AppFile> read_app_file(const std::filesystem::path& source);

/// `command` and `env_vars` of a deployment request replace those of the file.
Result<void> override_app_file(AppFile& file, const Json& deployment);

/// The command to run: the author's, else `npm run start` with a package.json, else the first *.py by name.
Result<std::vector<std::string>> command_of(const AppFile& file, const std::filesystem::path& source);

/// Replaces $DATABRICKS_APP_PORT, ${DATABRICKS_APP_PORT} and ${DATABRICKS_APP_PORT:-…} in every argument.
std::vector<std::string> substitute_port(std::vector<std::string> command, std::uint16_t port);

} // namespace pier::apps

#pragma once

#include "core/apps/build/build_step.hpp"
#include "core/apps/build/python_environment.hpp"
#include "core/base/json.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pier::apps {

/// What a build leaves: where the programs of the app are.
struct BuiltApp {
  std::vector<std::string> command;  ///< not substituted yet
  std::vector<std::string> path;     ///< folders to put before PATH
  std::string virtual_env;           ///< empty: no Python
  std::vector<std::string> readable; ///< folders outside the source that it needs

  [[nodiscard]] Json to_json() const;
  static BuiltApp from_json(const Json& json);
};

/// Builds app sources by the platform's rules (facts: apps-runtime 1.2). Python environments and node_modules
/// are kept by the hash of their dependency files.
class Builder {
 public:
  /// `cache`: folder for environments.
  explicit Builder(std::filesystem::path cache)
      : cache_(std::move(cache)),
        python_(cache_ / "python") {}

  /// Works inside `source`, which belongs to this deployment.
  Result<BuiltApp> build(const BuildContext& context, const std::filesystem::path& source,
                         const std::vector<std::string>& command);

 private:
  Result<void> build_node(BuildContext context, const std::filesystem::path& source, BuiltApp& built);
  Result<void> install_node_modules(const BuildContext& context, const std::filesystem::path& source,
                                    const std::string& node_version);
  Result<void> build_python(const BuildContext& context, const std::filesystem::path& source, BuiltApp& built);
  Result<std::filesystem::path> node_folder(const BuildContext& context, std::string& version);

  std::filesystem::path cache_;
  PythonEnvironments python_;
};

/// A copy of a folder tree made of hard links: as quick as it gets, for files that are replaced, never edited.
Result<void> link_tree(const std::filesystem::path& from, const std::filesystem::path& to);

} // namespace pier::apps

#pragma once

#include "bundles/config/path.hpp"
#include "bundles/generate/resource_config.hpp"
#include "cli/bundle/flow.hpp"

#include <filesystem>
#include <string>

namespace pier::cli {

/// One run of `pier bundle generate …`: the bundle with its target selected, the workspace of that target, and the
/// files that are written. Paths that the user gave stay as they were given; relative ones belong to `base`.
class Generation {
 public:
  Generation(const Arguments& arguments, Context& context);

  /// Reads the bundle and finds its workspace. False: what is wrong was printed.
  bool begin();

  /// As begin, and resolves everything: for what is said of a resource of the bundle.
  bool begin_resolved();

  BundleFlow& flow() { return flow_; }

  workspace_client::RestClient& client() { return *client_; }

  Context& context() { return context_; }

  [[nodiscard]] const Arguments& arguments() const { return arguments_; }

  [[nodiscard]] bool force() const { return arguments_.has("force"); }

  /// --key, or what the name of the resource makes.
  [[nodiscard]] std::string key_for(const std::string& name) const;

  /// A folder option, absolute below the bundle's folder.
  [[nodiscard]] std::filesystem::path folder_in_bundle(std::string_view option, std::string_view fallback) const;

  /// "resources/x.yml" for a file of the bundle.
  [[nodiscard]] std::string name_in_bundle(const std::filesystem::path& file) const;

  /// Writes a file and the folders above it; `shown` is its name in messages. Error PIER0025 when it is there and
  /// --force is not given.
  Result<void> write(const std::filesystem::path& file, std::string_view content, const std::string& shown) const;

  /// Nothing that would be lost by writing there. Error PIER0025.
  Result<void> check_free(const std::filesystem::path& file, const std::string& shown) const;

  /// Writes the resource to `file`. Error PIER0025 as write.
  Result<void> write_config(const bundles::GeneratedResource& resource, const std::string& key,
                            const std::filesystem::path& file, const std::string& shown) const;

  /// A generated file that no `include` names would not be deployed.
  void warn_if_not_included(const std::filesystem::path& file);

  /// --bind: the next deploy changes the existing resource. False: what went wrong was printed.
  Result<bool> bind(const std::string& key, const std::string& id);

 private:
  const Arguments& arguments_;
  Context& context_;
  BundleFlow flow_;
  workspace_client::RestClient* client_ = nullptr;
};

using bundles::clean_path;

/// How to get from one folder to a path, by text. Error PIER0025 when only one of them is absolute.
Result<std::string> path_between(const std::filesystem::path& folder, const std::filesystem::path& path);

/// Errors in the words of the official CLI's options.
Result<void> require_option(const Arguments& arguments, const std::string& name);
Result<void> require_one_of(const Arguments& arguments, const std::vector<std::string>& names);
Result<void> allow_one_of(const Arguments& arguments, const std::vector<std::string>& names);

/// Options that several of the commands have.
OptionSpec key_option();
OptionSpec bind_option();
OptionSpec overwrite_option();
OptionSpec folder_option(std::string name, char short_name, std::string help, std::string folder);

} // namespace pier::cli

#pragma once

#include "cli/bundle/generate/generation.hpp"
#include "core/base/json.hpp"
#include "core/workspace_client/workspace_objects.hpp"

#include <map>
#include <string>

namespace pier::cli {

/// Collects files and notebooks of the workspace that a resource uses, and brings them into a folder of the bundle.
/// Every `add_…` returns the new path, relative to the folder of the configuration. Paths are tried first: an
/// object that is not there is the API's error.
class Downloader {
 public:
  Downloader(Generation& generation, std::filesystem::path source_dir, std::filesystem::path config_dir);

  /// What the local paths leave out; else each file loses its own folder.
  void set_base(std::string folder) { base_ = std::move(folder); }

  Result<std::string> add_notebook(const std::string& path);
  Result<std::string> add_file(const std::string& path);
  /// Everything below, without folders called node_modules.
  Result<std::string> add_folder(const std::string& path);

  /// Writes everything, or nothing when a file is in the way (PIER0025).
  Result<void> write();
  /// Earlier versions put all files straight into the folder.
  void remove_old_files() const;

 private:
  struct Source {
    std::string path;
    std::string format;
  };

  Result<std::string> add(const std::string& path, const std::string& relative, const std::string& format);
  [[nodiscard]] std::string relative_to_base(const std::string& path) const;
  Result<std::vector<workspace_client::WorkspaceObject>> list_below(const std::string& folder);

  Generation& generation_;
  workspace_client::WorkspaceObjects remote_;
  std::filesystem::path source_dir_;
  std::filesystem::path config_dir_;
  std::string base_;
  std::map<std::string, Source> files_; ///< by local path
};

/// The longest folder in which all of them are; of a single one, its folder.
std::string common_folder(const std::vector<std::string>& paths);

} // namespace pier::cli

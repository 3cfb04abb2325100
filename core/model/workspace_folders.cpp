#include "core/model/workspace_folders.hpp"

namespace pier::model {

std::vector<std::string> folders_with_permissions(const WorkspacePaths& paths) {
  std::vector<std::string> found;
  const auto add = [&](const std::string& path) {
    if (!path.empty() && !path.starts_with("/Volumes/")) {
      found.push_back(path);
    }
  };
  add(paths.root_path);
  const auto below_root = paths.root_path.ends_with('/') ? paths.root_path : paths.root_path + "/";
  for (const auto* path : {&paths.artifact_path, &paths.file_path, &paths.state_path, &paths.resource_path}) {
    if (!path->starts_with(below_root)) {
      add(*path);
    }
  }
  return found;
}

} // namespace pier::model

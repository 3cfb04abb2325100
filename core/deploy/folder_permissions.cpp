#include "core/deploy/folder_permissions.hpp"

#include "core/deploy/file_sync.hpp"
#include "core/deploy/kind.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

/// A bundle's level as the level of a folder.
std::string folder_level(const std::string& level) {
  return level == "CAN_VIEW" ? "CAN_READ" : level;
}

Json access_list(const Json& permissions) {
  auto list = Json::array();
  for (const auto& permission : permissions.as_array()) {
    auto control = pick(permission, {"user_name", "group_name", "service_principal_name"});
    control["permission_level"] = folder_level(permission.get_string("level"));
    list.push_back(std::move(control));
  }
  return Json::object({{"access_control_list", std::move(list)}});
}

bool is_inside(const std::string& path, const std::string& folder) {
  return path.starts_with(folder + "/");
}

} // namespace

std::vector<std::string> outermost_folders(const model::WorkspacePaths& paths) {
  const std::vector<std::string> all = {paths.root_path, paths.artifact_path, paths.file_path, paths.state_path,
                                        paths.resource_path};
  std::vector<std::string> result;
  for (const auto& path : all) {
    const bool inside = std::any_of(all.begin(), all.end(),
                                    [&](const auto& other) { return !other.empty() && is_inside(path, other); });
    const bool known = std::find(result.begin(), result.end(), path) != result.end();
    if (!path.empty() && !inside && !known && !path.starts_with("/Volumes/")) {
      result.push_back(path);
    }
  }
  return result;
}

Result<void> apply_folder_permissions(const model::Bundle& bundle, workspace_client::RestClient& client) {
  if (!bundle.permissions.is_array() || bundle.permissions.is_empty()) {
    return {};
  }
  const auto body = access_list(bundle.permissions);
  return for_each_parallel(4, outermost_folders(bundle.paths), [&](const std::string& path) -> Result<void> {
    if (path.starts_with("/Workspace/Shared/")) {
      return {}; // everybody may write there anyway
    }
    PIER_TRY_ASSIGN(const auto status, workspace_client::WorkspaceFiles(client).status(path));
    if (!status) {
      return {};
    }
    PIER_TRY(client.put("/api/2.0/permissions/directories/" + std::to_string(status->object_id), body)
                 .context("setting the permissions of " + path));
    return {};
  });
}

} // namespace pier::deploy

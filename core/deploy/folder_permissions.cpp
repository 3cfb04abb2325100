#include "core/deploy/folder_permissions.hpp"

#include "core/base/guarded.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/kind.hpp"
#include "core/model/workspace_folders.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <filesystem>

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

Json everybody_manages() {
  return Json::array(
      {Json::object({{"group_name", "users"},
                     {"all_permissions", Json::array({Json::object({{"permission_level", "CAN_MANAGE"}})})}})});
}

} // namespace

Result<Json> apply_folder_permissions(const model::Bundle& bundle, workspace_client::RestClient& client) {
  if (!bundle.permissions.is_array() || bundle.permissions.is_empty()) {
    return Json();
  }
  const auto body = access_list(bundle.permissions);
  Guarded<Json> access;
  const auto keep = [&](const std::string& path, const Json& list) {
    if (bundle.paths.state_path == path || bundle.paths.state_path.starts_with(path + "/")) {
      *access.lock() = list;
    }
  };
  const auto let_in = [&](const std::string& path) -> Result<void> {
    if (path.starts_with("/Workspace/Shared/")) {
      keep(path, everybody_manages()); // and nothing could change that
      return {};
    }
    PIER_TRY_ASSIGN(const auto status, workspace_client::WorkspaceFiles(client).status(path));
    if (!status) {
      return {};
    }
    PIER_TRY_ASSIGN(const auto answer,
                    client.put("/api/2.0/permissions/directories/" + std::to_string(status->object_id), body)
                        .context("setting the permissions of " + path));
    if (const auto* list = answer.find("access_control_list")) {
      keep(path, *list);
    }
    return {};
  };
  PIER_TRY(for_each_parallel(4, model::folders_with_permissions(bundle.paths), let_in));
  return std::move(*access.lock());
}

Result<Json> read_folder_access(const std::string& path, workspace_client::RestClient& client) {
  workspace_client::WorkspaceFiles remote(client);
  for (std::filesystem::path folder = path;; folder = folder.parent_path()) {
    PIER_TRY_ASSIGN(const auto status, remote.status(folder.generic_string()));
    if (status) {
      PIER_TRY_ASSIGN(auto answer, client.get("/api/2.0/permissions/directories/" + std::to_string(status->object_id)));
      auto* list = answer.find("access_control_list");
      return list == nullptr ? Json::array() : std::move(*list);
    }
    if (folder == folder.parent_path()) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "PIER2044",
                   .message = "folder " + path + " and its parent folders do not exist"};
    }
  }
}

} // namespace pier::deploy

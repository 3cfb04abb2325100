#pragma once

#include "core/base/result.hpp"
#include "core/deploy/file_set.hpp"
#include "core/deploy/observer.hpp"
#include "core/deploy/sync_snapshot.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pier::deploy {

struct SyncResult {
  std::vector<LocalFile> files; ///< all of the bundle
  std::vector<std::string> uploaded;
  std::size_t removed = 0;
};

struct SyncTarget {
  std::string remote_path;         ///< workspace.file_path
  std::filesystem::path state_dir; ///< of the target on this machine
};

/// Sends what changed since the last time to the workspace and removes what is gone, 20 requests in
/// flight, in the order of the official CLI (facts: workspace-api 4). The snapshot is saved at the end, so
/// an interrupted sync is done again.
Result<SyncResult> sync_files(std::vector<LocalFile> files, const SyncTarget& target,
                              workspace_client::RestClient& client, Observer& observer);

/// Makes sure that the folder is there. Error PIER2044 when something else is.
Result<void> ensure_remote_folder(workspace_client::RestClient& client, const std::string& path);

/// Calls `work` for each item, up to `workers` at a time; stops handing out after the first error.
Result<void> for_each_parallel(std::size_t workers, const std::vector<std::string>& items,
                               const std::function<Result<void>(const std::string&)>& work);

} // namespace pier::deploy

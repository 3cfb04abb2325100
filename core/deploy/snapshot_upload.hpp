#pragma once

#include "core/base/result.hpp"
#include "core/deploy/file_set.hpp"
#include "core/deploy/libraries.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <string>
#include <vector>

namespace pier::deploy {

/// `experimental.immutable_folder`: files and libraries go up as one archive that nobody can change afterwards.
bool has_immutable_folder(const model::Bundle& bundle);

/// What goes up, in whose name. `deployment` names the deployment, not the bundle: the lineage of the state.
struct Snapshot {
  std::vector<LocalFile> files;
  std::vector<Library> libraries;
  std::string deployment;
};

/// Uploads it, readable for the user and whom the bundle's permissions name, and returns its path in the workspace,
/// which depends on the content and on who may read it.
Result<std::string> upload_snapshot(const model::Bundle& bundle, const model::CurrentUser& user,
                                    const Snapshot& snapshot, workspace_client::RestClient& client);

/// Puts the path where the bundle waits for it: `${workspace.snapshot_path}`, `file_path` and, with libraries,
/// `artifact_path`.
void settle_snapshot_path(model::Bundle& bundle, const std::string& path, bool has_libraries);

} // namespace pier::deploy

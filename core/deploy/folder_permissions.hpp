#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <string>
#include <vector>

namespace pier::deploy {

/// Gives the folders of a target the bundle's top-level permissions; nothing to do without them.
Result<void> apply_folder_permissions(const model::Bundle& bundle, workspace_client::RestClient& client);

/// The folders of a target of which none lies inside another.
std::vector<std::string> outermost_folders(const model::WorkspacePaths& paths);

} // namespace pier::deploy

#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <string>
#include <vector>

namespace pier::deploy {

/// Gives the folders of a target the bundle's top-level permissions; nothing to do without them. The access list that
/// the folder with the state has then; null when it is not known.
Result<Json> apply_folder_permissions(const model::Bundle& bundle, workspace_client::RestClient& client);

/// The access list of a folder, or of the closest one above it that exists: new folders inherit it.
Result<Json> read_folder_access(const std::string& path, workspace_client::RestClient& client);

} // namespace pier::deploy

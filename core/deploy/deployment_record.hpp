#pragma once

#include "core/base/result.hpp"
#include "core/deploy/file_set.hpp"
#include "core/deploy/state.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <string>
#include <vector>

namespace pier::deploy {

/// `deployment.json`: a number that grows with each deployment and the list of its files. When the
/// workspace has a newer one, another machine deployed: the snapshot is made anew from its list, so that
/// all files are sent and what that machine had more is removed. Error PIER2048 for a newer format.
Result<void> pull_deployment_record(const model::Bundle& bundle, workspace_client::RestClient& client);

/// Counts up and writes it here and to the workspace.
Result<void> push_deployment_record(const model::Bundle& bundle, const std::vector<LocalFile>& files,
                                    workspace_client::RestClient& client);

/// The id that this machine knows of the target's deployment; empty before the first.
std::string local_deployment_id(const model::Bundle& bundle);

/// When and in which version this target was deployed last, as the workspace knows it; null when never.
Result<Json> read_deployment_record(const model::Bundle& bundle, workspace_client::RestClient& client);

/// `metadata.json`: which resource came from which file of which commit; services of the workspace read it.
Result<void> push_metadata(const model::Bundle& bundle, const State& state, workspace_client::RestClient& client);

} // namespace pier::deploy

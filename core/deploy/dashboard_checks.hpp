#pragma once

#include "core/base/result.hpp"
#include "core/deploy/observer.hpp"
#include "core/deploy/state.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

namespace pier::deploy {

/// Tells the observer of each dashboard of the bundle that somebody changed in the workspace since it was
/// deployed: a deploy would undo that. With errors among what was told: error PIER2030.
Result<void> check_dashboards(const model::Bundle& bundle, const State& state, workspace_client::RestClient& client,
                              Observer& observer, Severity severity);

/// Makes the folder in which dashboards and alerts live by default, if the bundle has any.
Result<void> make_resource_folder(const model::Bundle& bundle, workspace_client::RestClient& client);

} // namespace pier::deploy

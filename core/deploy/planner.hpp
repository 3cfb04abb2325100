#pragma once

#include "core/base/result.hpp"
#include "core/deploy/kind.hpp"
#include "core/deploy/observer.hpp"
#include "core/deploy/plan.hpp"
#include "core/deploy/state.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

namespace pier::deploy {

inline constexpr std::size_t k_parallel = 10; ///< as the official engine

/// Compares the bundle with what was deployed and with the workspace: one read for each known resource,
/// ten at a time, in the order of references. Several problems go to the observer one by one; the error is the only
/// one, or PIER2020 "planning failed". `compatible`: a single one goes there too, and the plan is blind where the
/// official engine is.
Result<Plan> make_plan(const model::ResourceGraph& bundle, const State& state, workspace_client::RestClient& client,
                       Observer& observer, bool compatible = false);

/// The plan that removes everything in the state.
Result<Plan> make_destroy_plan(const State& state, workspace_client::RestClient& client, Observer& observer,
                               bool compatible = false);

} // namespace pier::deploy

#pragma once

#include "core/base/result.hpp"
#include "core/deploy/deployer.hpp"
#include "core/deploy/state.hpp"

#include <vector>

namespace pier::deploy {

/// Changes of a plan that lose data, by kind.
Approval losses_of(const Plan& plan);

/// Resources marked lifecycle.prevent_destroy may not go. Error PIER2035 naming all that would.
Result<void> check_prevent_destroy(const model::Bundle& bundle, const Plan& plan);

/// A saved plan fits only the state that it was made from. Error PIER2036.
Result<void> check_saved_plan(const Plan& plan, const State& state);

/// The branch that `bundle.git.branch` asks for is checked out. Error PIER2054.
Result<void> check_git_branch(const model::Bundle& bundle);

/// No job and no pipeline of the target runs right now. Error PIER2055.
Result<void> check_nothing_runs(const State& state, workspace_client::RestClient& client);

/// One error for all, or none. In `compatible` words each was told already: PIER2030 for any number.
Result<void> summarize(const std::vector<Error>& errors, bool compatible);

} // namespace pier::deploy

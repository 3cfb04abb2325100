#pragma once

#include "core/base/result.hpp"
#include "core/deploy/observer.hpp"
#include "core/deploy/state.hpp"
#include "core/deploy/state_files.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

namespace pier::deploy {

struct PulledState {
  State state;
  bool remote_is_current = false; ///< the workspace has the same serial
};

/// The newest state of a target, of this machine and the workspace: the highest serial wins, the local one
/// when equal. The winner is what the local file holds afterwards; work of an interrupted deploy is folded
/// in first, and the observer hears what of it was damaged. Errors: PIER2021 a damaged file, PIER2046 states
/// that do not belong together, PIER2047 deployed with Terraform.
Result<PulledState> pull_state(const model::Bundle& bundle, workspace_client::RestClient& client, Observer& observer,
                               Pull pull = Pull::always);

/// Copies the local state file to the workspace; nothing to do when there is none.
Result<void> push_state(const model::Bundle& bundle, workspace_client::RestClient& client);

/// Makes the folder that this machine has for a target, and keeps the folder `.databricks` of the bundle out of git.
Result<void> prepare_local_dir(const std::filesystem::path& root, const std::filesystem::path& local_dir);

} // namespace pier::deploy

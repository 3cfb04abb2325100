#pragma once

#include "core/deploy/kind.hpp"

#include <string>

namespace pier::deploy {

/// Body of a deployment: mode, source folder, command and environment of the bundle's `config`.
Json make_deployment(const Json& state);

/// Brings an app up: starts its compute unless it is `running`, lets the databases be migrated, then
/// deploys the code and waits for it. Another deployment in progress is waited for once.
Result<void> start_and_deploy_code(Operation& operation, const std::string& name, const Json& state, bool running);

/// Waits for what is in progress of an app: the active, then the pending deployment.
Result<void> wait_for_running_deployments(Operation& operation, const std::string& name, const Json& app);

} // namespace pier::deploy

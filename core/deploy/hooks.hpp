#pragma once

#include "core/deploy/deployer.hpp"

#include <string>

namespace pier::deploy {

/// Runs a hook of `experimental.scripts` ("predeploy") with bash in the bundle's folder. What it writes is told line
/// by line; for the official CLI's answers stderr comes behind stdout. Error PIER2051.
Result<void> run_hook(const Session& session, const std::string& name);

} // namespace pier::deploy

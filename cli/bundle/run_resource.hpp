#pragma once

#include "cli/command.hpp"
#include "core/deploy/deployer.hpp"
#include "core/model/resource_key.hpp"

#include <string>
#include <vector>

namespace pier::cli {

/// What is to be run.
struct RunCall {
  model::ResourceKey key;
  std::string id;                 ///< in the workspace; empty: not deployed
  std::vector<std::string> words; ///< parameters behind the key
};

/// Runs a job, a pipeline or an app, says how it goes on stderr, and returns what goes to stdout, all in the
/// words of the official CLI (facts: bundles 8, "run"). A run that fails is an error.
Result<std::string> run_resource_as_official(const RunCall& call, deploy::Session& session, const Arguments& options,
                                             Console& console);

} // namespace pier::cli

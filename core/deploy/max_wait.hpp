#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/deploy/kind.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace pier::deploy {

/// The limit on waiting for a resource: DATABRICKS_BUNDLE_RESOURCE_MAX_WAIT in seconds; nothing: as long as its kind
/// waits. Error PIER2065 for anything but a number from 0.
Result<std::optional<std::chrono::seconds>> resource_max_wait(const Environment& env);

/// Waits no longer than `limit`, 0: not at all. A wait that is given up is no failure: the observer gets a warning,
/// and the next plan sees what became of it. `what`: "creation of resources.clusters.c"; `doing`: "deploying …".
Result<void> wait_at_most(std::optional<std::chrono::seconds> limit, const std::string& what, const std::string& doing,
                          Operation& operation, const std::function<Result<void>(Operation&)>& wait);

} // namespace pier::deploy

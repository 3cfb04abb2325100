#pragma once

#include "cli/console.hpp"
#include "core/deploy/observer.hpp"

#include <memory>

namespace pier::cli {

/// Shows a deployment: on a terminal what is running right now stands below finished steps; in a pipe one
/// line for each thing that happened.
std::unique_ptr<deploy::Observer> make_deploy_observer(Console& console);

} // namespace pier::cli

#pragma once

#include "cli/console.hpp"
#include "core/deploy/observer.hpp"

#include <memory>

namespace pier::cli {

/// Says of a deployment what the official CLI says of it.
std::unique_ptr<deploy::Observer> make_bundle_observer(Console& console);

} // namespace pier::cli

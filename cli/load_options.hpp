#pragma once

#include "bundles/load.hpp"
#include "cli/command.hpp"

namespace pier::cli {

/// How to load the bundle of the current folder: target, profile and variables of the command line.
bundles::LoadOptions load_options(const Arguments& arguments, const Context& context);

} // namespace pier::cli

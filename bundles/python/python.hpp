#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// `python: {resources, mutators, venv_path}`: runs the user's `databricks-bundles` package through
/// LoadOptions::run_python (protocol: facts bundles 5), first to load resources, then to change them. New
/// resources are worked on as if they stood in a file.
void run_python(Loading& loading);

} // namespace pier::bundles

#pragma once

#include "bundles/load.hpp"
#include "cli/command.hpp"

#include <functional>

namespace pier::cli {

/// How to load the bundle of the current folder: target, profile and variables of the command line.
bundles::LoadOptions load_options(const Arguments& arguments, const Context& context);

/// Runs hooks of the bundle as the official CLI does: named first, then what they print, all on stderr.
decltype(bundles::LoadOptions::run_script) make_script_runner(Context& context);

/// Runs the user's `databricks-bundles` package; `env` is asked when it runs.
decltype(bundles::LoadOptions::run_python) make_python_runner(const Context& context, std::function<Environment()> env);

/// Counts what a deploy would upload.
decltype(bundles::LoadOptions::count_files) make_file_counter(const Context& context);

} // namespace pier::cli

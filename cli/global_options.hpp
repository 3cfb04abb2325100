#pragma once

#include "cli/command.hpp"

#include <span>

namespace pier::cli {

/// Options that every command has: -o/--output, -t/--target, -p/--profile, --var, --local, --debug, -h, and hidden
/// ones. They arrive in Arguments under these names too.
std::span<const OptionSpec> global_options();

/// Carries out those that are for no command in particular: logs as --debug, --log-level, --log-file and --log-format
/// or their variables (DATABRICKS_LOG_LEVEL …, PIER_LOG) say, takes the format from DATABRICKS_OUTPUT_FORMAT, and tells
/// which options are old. Error PIER0102 when the log cannot be written.
Result<void> apply_global_options(Arguments& arguments, Context& context);

} // namespace pier::cli

#pragma once

#include "cli/command.hpp"

namespace pier::cli {

/// An error that ended a command, with its code and help on stderr.
ExitCode print_error(const Error& error, Console& console);

/// What a command found: results to stdout, problems with code frames to stderr.
ExitCode print_report(const Report& report, bool as_json, Context& context);

} // namespace pier::cli

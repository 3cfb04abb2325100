#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>

namespace pier::cli {

/// One call of pier: parses the words, runs the command, prints its report. `words` is argv without the
/// program's name. Never exits, never throws for bad input.
ExitCode run(std::span<const std::string> words, Context& context);

/// What main calls: builds the Context of this process, turns Ctrl-C into a stop request (a second one
/// ends at once), and reports an exception as a bug (exit code 70).
int run_process(int argc, const char* const* argv);

} // namespace pier::cli

#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>

namespace pier::cli {

/// Every command, in the order of the help.
std::span<const CommandSpec> all_commands();

/// "pier 0.1.0\n"
std::string version_line();

/// The texts of every code that this program can show, sorted by code.
std::vector<Explanation> all_explanations();

} // namespace pier::cli

#pragma once

#include "cli/command.hpp"
#include "cli/console.hpp"

#include <span>
#include <string>
#include <string_view>

namespace pier::cli {

/// `pier --help`, or of one group: its commands with their summaries.
std::string render_overview(std::span<const CommandSpec> commands, std::string_view group, const Style& style);
/// `pier COMMAND --help`
std::string render_command_help(const CommandSpec& command, const Style& style);

} // namespace pier::cli

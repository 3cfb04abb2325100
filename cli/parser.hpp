#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace pier::cli {

/// The command line asks for this command with these arguments.
struct Invocation {
  const CommandSpec* command = nullptr;
  Arguments arguments;
};

/// It asks for help: of one command, of a group ("local"), or of pier (both empty).
struct HelpRequest {
  const CommandSpec* command = nullptr;
  std::string group;
};

struct VersionRequest {};

using ParseOutcome = std::variant<Invocation, HelpRequest, VersionRequest, Error>;

/// Reads a command line (without the program's name). Options may stand anywhere. Errors are of kind
/// `usage` and name the nearest spelling of an unknown command or option. The only file that knows CLI11.
ParseOutcome parse_command_line(std::span<const std::string> words, std::span<const CommandSpec> commands);

} // namespace pier::cli

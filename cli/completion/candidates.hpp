#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>
#include <vector>

namespace pier::cli {

/// What could stand under the cursor, and a few words about it.
struct Candidate {
  std::string text;
  std::string about;

  bool operator==(const Candidate&) const = default;
};

/// What fits to the command line so far: commands, options, and the names that they take: targets, resources,
/// variables and profiles, from the bundle around `context.cwd` and the configuration file. `words` as in
/// TypedWords::read. Asks no workspace, runs nothing, and is silent about whatever cannot be read.
std::vector<Candidate> find_candidates(std::span<const std::string> words, std::span<const CommandSpec> commands,
                                       const Context& context);

} // namespace pier::cli

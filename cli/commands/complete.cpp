#include "cli/commands/all.hpp"
#include "cli/completion/candidates.hpp"

namespace pier::cli {
namespace {

/// One candidate per line, a tab before what is said about it.
Result<Report> complete(const Arguments& arguments, Context& context) {
  const auto words = arguments.all("--");
  std::string lines;
  for (const auto& candidate : find_candidates(words, all_commands(), context)) {
    const auto about = candidate.about.substr(0, candidate.about.find('\n'));
    lines += candidate.text + (about.empty() ? "" : "\t" + about) + "\n";
  }
  return Report{.raw_stdout = std::move(lines)};
}

} // namespace

CommandSpec complete_command() {
  return {.name = "__complete",
          .summary = "What could stand at the end of a command line, for the scripts of `pier completion`",
          .run = complete,
          .hidden = true,
          .takes_command = true};
}

} // namespace pier::cli

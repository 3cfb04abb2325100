#include "cli/commands/all.hpp"

#include "cli/explanations.hpp"
#include "core/base/explanations.hpp"
#include "core/scaffold/explanations.hpp"

#include <algorithm>

namespace pier::cli {

CommandSpec completion_command();
CommandSpec explain_command();
CommandSpec init_command();
CommandSpec schema_command();
CommandSpec validate_command();
CommandSpec version_command();

std::span<const CommandSpec> all_commands() {
  static const std::vector<CommandSpec> commands = {
      init_command(),
      validate_command(),
      schema_command(),
      explain_command(),
      completion_command(),
      version_command(),
  };
  return commands;
}

std::vector<Explanation> all_explanations() {
  std::vector<Explanation> all;
  for (const auto texts : {pier::explanations(), cli::explanations(), scaffold::explanations()}) {
    all.insert(all.end(), texts.begin(), texts.end());
  }
  std::sort(all.begin(), all.end(), [](const Explanation& a, const Explanation& b) { return a.code < b.code; });
  return all;
}

} // namespace pier::cli

#include "core/base/shell.hpp"

#include "core/base/process.hpp"

namespace pier {

std::vector<std::string> Shell::call(const std::string& script) const {
  return {program.string(), "-ec", script};
}

Result<Shell> find_shell(const Environment& env, std::string_view name) {
  for (const std::string_view candidate : {"bash", "sh"}) {
    if (!name.empty() && name != candidate) {
      continue;
    }
    if (auto program = find_program(candidate, env)) {
      return Shell{.program = *std::move(program), .is_bash = candidate == "bash"};
    }
  }
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER0023",
               .message = name.empty() ? "no shell found" : "the shell " + std::string(name) + " is not on PATH",
               .hint = "install bash or sh"};
}

} // namespace pier

#include "cli/commands/all.hpp"

#include <array>

namespace pier::cli {
namespace {

struct Shell {
  std::string_view name;
  std::string_view script;
};

// Each script asks `pier __complete` for lines "candidate<tab>about it" and leaves files to the shell when none come.
constexpr std::array k_shells = {
    Shell{"bash", R"(# bash completion for pier; load it with: source <(pier completion bash)
_pier() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("${line%%$'\t'*}")
  done < <("${1/#\~/$HOME}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null)
  if [[ ${COMPREPLY[0]-} == *= ]]; then
    compopt -o nospace 2> /dev/null
  fi
}
complete -o default -F _pier pier
)"},
    Shell{"zsh", R"(#compdef pier
# zsh completion for pier; load it with: source <(pier completion zsh)
_pier() {
  local line
  local -a texts abouts ending
  for line in "${(@f)$("${words[1]/#\~/$HOME}" __complete -- "${(@)words[2,CURRENT]}" 2> /dev/null)}"; do
    if [[ -n $line ]]; then
      texts+=("${line%%$'\t'*}")
      abouts+=("${line/$'\t'/  -- }")
    fi
  done
  if (( ! ${#texts} )); then
    _files
    return
  fi
  [[ ${texts[1]} == *= ]] && ending=(-S '')
  compadd "${ending[@]}" -l -d abouts -a texts
}
compdef _pier pier
)"},
    Shell{"fish", R"(# fish completion for pier; load it with: pier completion fish | source
function __pier_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] __complete -- $words[2..] 2> /dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c pier -f -a '(__pier_complete)'
)"},
};

Result<Report> completion(const Arguments& arguments, Context&) {
  const auto wanted = arguments.get("SHELL");
  for (const auto& shell : k_shells) {
    if (shell.name == wanted) {
      return Report{.raw_stdout = std::string(shell.script)};
    }
  }
  return Error{.kind = ErrorKind::usage,
               .code = "PIER0001",
               .message = "there is no completion for '" + wanted + "'",
               .hint = "choose one of bash, zsh, fish"};
}

} // namespace

CommandSpec completion_command() {
  return {.name = "completion",
          .summary = "Print a completion script for bash, zsh or fish",
          .description = "Commands, options, and the names of the bundle in the current folder: targets, resources,\n"
                         "variables; profiles of the configuration file.",
          .positionals = {{.name = "SHELL", .help = "bash, zsh or fish"}},
          .examples = {"source <(pier completion bash)", "pier completion fish | source"},
          .run = completion};
}

} // namespace pier::cli

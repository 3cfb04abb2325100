#include "cli/commands/all.hpp"
#include "core/base/text.hpp"

#include <map>
#include <set>

namespace pier::cli {
namespace {

/// The words that may follow a prefix of command words: "" → init, validate …; "local" → start, stop ….
std::map<std::string, std::set<std::string>> next_words() {
  std::map<std::string, std::set<std::string>> next;
  for (const auto& command : all_commands()) {
    if (command.hidden) {
      continue;
    }
    std::string prefix;
    for (const auto& word : split(command.name, ' ')) {
      next[prefix].insert(word);
      prefix += prefix.empty() ? word : " " + word;
    }
    auto& options = next[prefix];
    for (const auto& option : command.options) {
      options.insert("--" + option.name);
    }
    for (const auto& option : global_options()) {
      if (!option.hidden) {
        options.insert("--" + option.name);
      }
    }
  }
  return next;
}

std::string words_of(const std::set<std::string>& words) {
  return join(std::vector<std::string>(words.begin(), words.end()), " ");
}

/// A shell `case` over the command words typed so far; bash and zsh share it.
std::string case_table() {
  std::string out;
  for (const auto& [prefix, words] : next_words()) {
    out += "    '" + prefix + "') answers='" + words_of(words) + "' ;;\n";
  }
  return out;
}

std::string bash_script() {
  return "# bash completion for pier; load it with: source <(pier completion bash)\n"
         "_pier() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" path='' answers='' word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$word\" in -*) ;; *) path=\"${path:+$path }$word\" ;; esac\n"
         "  done\n"
         "  case \"$path\" in\n" +
         case_table() +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$answers\" -- \"$current\")\n"
         "}\n"
         "complete -o default -F _pier pier\n";
}

std::string zsh_script() {
  return "#compdef pier\n"
         "# zsh completion for pier; load it with: source <(pier completion zsh)\n"
         "_pier() {\n"
         "  local typed='' answers='' word\n"
         "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
         "    case \"$word\" in -*) ;; *) typed=\"${typed:+$typed }$word\" ;; esac\n"
         "  done\n"
         "  case \"$typed\" in\n" +
         case_table() +
         "  esac\n"
         "  compadd -- ${=answers}\n"
         "}\n"
         "compdef _pier pier\n";
}

std::string fish_script() {
  std::string out = "# fish completion for pier; load it with: pier completion fish | source\n"
                    "function __pier_path\n"
                    "  string join ' ' (string match -v -- '-*' (commandline -opc)[2..])\n"
                    "end\n";
  for (const auto& [prefix, words] : next_words()) {
    out += "complete -c pier -n 'test (__pier_path) = \"" + prefix + "\"' -f -a '" + words_of(words) + "'\n";
  }
  return out;
}

Result<Report> completion(const Arguments& arguments, Context&) {
  const auto shell = arguments.get("SHELL");
  if (shell == "bash") {
    return Report{.raw_stdout = bash_script()};
  }
  if (shell == "zsh") {
    return Report{.raw_stdout = zsh_script()};
  }
  if (shell == "fish") {
    return Report{.raw_stdout = fish_script()};
  }
  return Error{.kind = ErrorKind::usage,
               .code = "PIER0001",
               .message = "there is no completion for '" + shell + "'",
               .hint = "choose one of bash, zsh, fish"};
}

} // namespace

CommandSpec completion_command() {
  return {.name = "completion",
          .summary = "Print a completion script for bash, zsh or fish",
          .positionals = {{.name = "SHELL", .help = "bash, zsh or fish"}},
          .examples = {"source <(pier completion bash)", "pier completion fish | source"},
          .run = completion};
}

} // namespace pier::cli

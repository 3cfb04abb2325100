#include "cli/parser.hpp"

#include "cli/global_options.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace pier::cli {
namespace {

Error usage(std::string message, std::string hint) {
  return Error{.kind = ErrorKind::usage, .code = "PIER0001", .message = std::move(message), .hint = std::move(hint)};
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

/// True if the option takes its value from the next word: `-t dev`, `--var a=b`, but not `--var=a=b`.
bool takes_next_word(std::string_view word) {
  for (const auto& option : global_options()) {
    const bool named =
        word == "--" + option.name || (option.short_name != 0 && word == std::string{'-', option.short_name});
    if (named) {
      return !option.value.empty();
    }
  }
  return false;
}

/// The words that may name a command: those that are neither options nor values of global options.
std::vector<std::size_t> candidate_words(std::span<const std::string> words) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      break;
    }
    if (!is_option(words[i])) {
      positions.push_back(i);
    } else if (takes_next_word(words[i])) {
      ++i;
    }
  }
  return positions;
}

struct Match {
  const CommandSpec* command = nullptr;
  std::vector<std::size_t> used; ///< positions of the words of its name
};

/// The command with the longest name that the words begin with.
Match match_command(std::span<const std::string> words, std::span<const std::size_t> positions,
                    std::span<const CommandSpec> commands) {
  Match best;
  for (const auto& command : commands) {
    const auto parts = split(command.name, ' ');
    if (parts.size() <= best.used.size() || parts.size() > positions.size()) {
      continue;
    }
    bool equal = true;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      equal = equal && words[positions[i]] == parts[i];
    }
    if (equal) {
      best.command = &command;
      best.used.assign(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(parts.size()));
    }
  }
  return best;
}

bool is_group(std::string_view name, std::span<const CommandSpec> commands) {
  const auto prefix = std::string(name) + " ";
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CommandSpec& command) { return command.name.substr(0, prefix.size()) == prefix; });
}

Error unknown_command(std::string_view word, std::string_view group, std::span<const CommandSpec> commands) {
  const std::string prefix = group.empty() ? std::string() : std::string(group) + " ";
  std::vector<std::string> names;
  for (const auto& command : commands) {
    if (!command.hidden && command.name.substr(0, prefix.size()) == prefix) {
      const auto rest = command.name.substr(prefix.size());
      names.push_back(rest.substr(0, rest.find(' ')));
    }
  }
  const auto near = nearest(word, names);
  const auto shown = prefix + std::string(word);
  return usage("there is no command 'pier " + shown + "'",
               near.empty() ? "see `pier " + prefix + "--help`" : "did you mean `pier " + prefix + near + "`?");
}

std::string flag_names(const OptionSpec& option) {
  std::string names = "--" + option.name;
  if (option.short_name != 0) {
    names = std::string{'-', option.short_name} + "," + names;
  }
  return names;
}

Error unknown_option(const CommandSpec& command, const std::string& word) {
  std::vector<std::string> known;
  for (const auto& option : command.options) {
    known.push_back("--" + option.name);
  }
  for (const auto& option : global_options()) {
    known.push_back("--" + option.name);
  }
  const auto name = word.substr(0, word.find('='));
  const auto near = nearest(name, known);
  return usage("`pier " + command.name + "` has no option " + name,
               near.empty() ? "see `pier " + command.name + " --help`" : "did you mean " + near + "?");
}

/// Values of one command line, filled by CLI11.
class CommandParser {
 public:
  explicit CommandParser(const CommandSpec& command)
      : command_(command) {
    app_.set_help_flag();
    app_.allow_extras(false);
    for (const auto& option : command.options) {
      add(option);
    }
    for (const auto& option : global_options()) {
      const bool own = std::any_of(command.options.begin(), command.options.end(),
                                   [&](const OptionSpec& other) { return other.name == option.name; });
      if (!own) {
        add(option);
      }
    }
    // CLI11 cannot tell two optional positionals apart: it collects the words, finish() hands them out.
    if (!command.positionals.empty()) {
      app_.add_option("WORDS", words_)->expected(0, k_many)->allow_extra_args(true);
    }
  }

  ParseOutcome parse(std::vector<std::string> words) {
    const auto dash = std::find(words.begin(), words.end(), "--");
    if (command_.takes_command && dash != words.end()) {
      values_["--"].assign(dash + 1, words.end());
      words.erase(dash, words.end());
    }
    for (auto& word : words) {
      spell_out(word);
    }
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(std::move(words));
    } catch (const CLI::ExtrasError&) {
      return extra_word();
    } catch (const CLI::ParseError& error) {
      return usage(first_lower(error.what()), "see `pier " + command_.name + " --help`");
    }
    return finish();
  }

 private:
  static constexpr int k_many = 1 << 20;

  void add(const OptionSpec& option) {
    if (option.value.empty()) {
      app_.add_flag(flag_names(option), switches_[option.name], option.help);
      return;
    }
    auto* added = app_.add_option(flag_names(option), values_[option.name], option.help);
    // A container takes all words that follow unless it is told not to: `--app shop 1s`.
    added->expected(1)->allow_extra_args(false)->type_name(option.value);
    // `--var a --var b`: every occurrence takes one word. Of others the last one counts, as in the official CLI.
    added->multi_option_policy(option.repeatable ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
    if (option.short_name != 0) {
      short_names_[option.short_name] = option.name;
    }
    if (!option.choices.empty()) {
      choices_.push_back(&option);
    }
  }

  /// `-t=dev` is `--target=dev`; CLI11 would take "=dev" for the value.
  void spell_out(std::string& word) const {
    if (word.size() > 2 && word[0] == '-' && word[2] == '=') {
      if (const auto name = short_names_.find(word[1]); name != short_names_.end()) {
        word = "--" + name->second + word.substr(2);
      }
    }
  }

  ParseOutcome extra_word() {
    const auto extras = app_.remaining();
    const auto option =
        std::find_if(extras.begin(), extras.end(), [](const std::string& word) { return is_option(word); });
    if (option != extras.end()) {
      return unknown_option(command_, *option);
    }
    return surplus(extras.empty() ? std::string() : extras.front());
  }

  [[nodiscard]] Error surplus(const std::string& word) const {
    return usage("`pier " + command_.name + "` takes no '" + word + "'", "see `pier " + command_.name + " --help`");
  }

  ParseOutcome finish() {
    if (switches_["help"] > 0) {
      return HelpRequest{&command_, {}};
    }
    for (const auto* option : choices_) {
      for (auto& value : values_[option->name]) {
        const auto choice = std::find_if(option->choices.begin(), option->choices.end(),
                                         [&](const std::string& one) { return to_lower(one) == to_lower(value); });
        if (choice == option->choices.end()) {
          return usage("--" + option->name + " cannot be '" + value + "'",
                       "choose one of " + join(option->choices, ", "));
        }
        value = *choice;
      }
    }
    std::size_t next = 0;
    for (const auto& positional : command_.positionals) {
      const auto last = positional.repeatable ? words_.size() : std::min(next + 1, words_.size());
      for (; next < last; ++next) {
        values_[positional.name].push_back(std::move(words_[next]));
      }
      if (positional.required && values_[positional.name].empty()) {
        return usage("`pier " + command_.name + "` needs " + positional.name,
                     "see `pier " + command_.name + " --help`");
      }
    }
    if (next < words_.size()) {
      return surplus(words_[next]);
    }
    Arguments::Map arguments;
    for (auto& [name, values] : values_) {
      if (!values.empty()) {
        arguments[name] = std::move(values);
      }
    }
    for (const auto& [name, times] : switches_) {
      if (times > 0) {
        arguments[name].resize(static_cast<std::size_t>(times));
      }
    }
    return Invocation{&command_, Arguments(std::move(arguments))};
  }

  static std::string first_lower(std::string text) {
    if (!text.empty() && text.front() >= 'A' && text.front() <= 'Z') {
      text.front() = static_cast<char>(text.front() - 'A' + 'a');
    }
    return text;
  }

  const CommandSpec& command_;
  CLI::App app_;
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, int> switches_;
  std::map<char, std::string> short_names_; ///< of options with a value
  std::vector<const OptionSpec*> choices_;
  std::vector<std::string> words_; ///< for the positionals
};

bool asks_help(std::span<const std::string> words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "-h" || word == "--help"; });
}

/// No command matched: help, version, a group, or a slip.
ParseOutcome without_command(std::span<const std::string> words, std::span<const std::size_t> positions,
                             std::span<const CommandSpec> commands) {
  if (positions.empty()) {
    for (const auto& word : words) {
      if (word == "--version") {
        return VersionRequest{};
      }
    }
    if (words.empty() || asks_help(words)) {
      return HelpRequest{};
    }
    return usage("a command is missing", "see `pier --help`");
  }
  std::string group; // "bundle", "bundle deployment"
  for (const auto position : positions) {
    const auto name = group.empty() ? words[position] : group + " " + words[position];
    if (!is_group(name, commands)) {
      return unknown_command(words[position], group, commands);
    }
    group = name;
  }
  // A group of `pier bundle` alone shows what there is, as the official CLI does.
  if (asks_help(words) || words[positions.front()] == "bundle") {
    return HelpRequest{nullptr, group};
  }
  return usage("`pier " + group + "` needs a command", "see `pier " + group + " --help`");
}

} // namespace

std::string Arguments::get(std::string_view name, std::string_view fallback) const {
  if (const auto it = values_.find(name); it != values_.end() && !it->second.empty()) {
    return it->second.back();
  }
  const auto it = defaults_.find(name);
  return it == defaults_.end() ? std::string(fallback) : it->second;
}

std::size_t Arguments::count(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? 0 : it->second.size();
}

std::vector<std::string> Arguments::all(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::vector<std::string>() : it->second;
}

ParseOutcome parse_command_line(std::span<const std::string> words, std::span<const CommandSpec> commands) {
  const auto positions = candidate_words(words);
  const auto match = match_command(words, positions, commands);
  if (match.command == nullptr) {
    return without_command(words, positions, commands);
  }
  if (is_group(match.command->name, commands) && positions.size() > match.used.size() &&
      match.command->positionals.empty()) {
    return unknown_command(words[positions[match.used.size()]], match.command->name, commands);
  }
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::find(match.used.begin(), match.used.end(), i) == match.used.end()) {
      rest.push_back(words[i]);
    }
  }
  if (asks_help(std::span(rest).subspan(
          0, static_cast<std::size_t>(std::find(rest.begin(), rest.end(), "--") - rest.begin())))) {
    return HelpRequest{match.command, {}};
  }
  return CommandParser(*match.command).parse(std::move(rest));
}

} // namespace pier::cli

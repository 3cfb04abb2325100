#include "cli/completion/typed_words.hpp"

#include "cli/global_options.hpp"
#include <algorithm>

namespace pier::cli {
namespace {

template <class Matches> const OptionSpec* find_if_option(const CommandSpec* command, Matches matches) {
  if (command != nullptr) {
    const auto own = std::find_if(command->options.begin(), command->options.end(), matches);
    if (own != command->options.end()) {
      return &*own;
    }
  }
  const auto globals = global_options();
  const auto shared = std::find_if(globals.begin(), globals.end(), matches);
  return shared == globals.end() ? nullptr : &*shared;
}

const OptionSpec* find_short_option(const CommandSpec* command, char name) {
  return find_if_option(command, [&](const OptionSpec& option) { return option.short_name == name; });
}

/// "--target" "=" "dev" → "--target=dev"; `split` tells that the last word was.
std::vector<std::string> joined(std::span<const std::string> words, bool& split) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    split = words[i] == "=" && !out.empty() && out.back().starts_with("--") && out.back().size() > 2;
    if (!split) {
      out.push_back(words[i]);
      continue;
    }
    out.back() += "=";
    if (i + 1 < words.size()) {
      out.back() += words[++i];
    }
  }
  return out;
}

class Reader {
 public:
  Reader(TypedWords& typed, std::span<const CommandSpec> commands)
      : typed_(typed),
        commands_(commands) {}

  /// A word before the cursor.
  void pass(const std::string& word) {
    if (typed_.behind_dashes) {
      typed_.positionals.push_back(word);
    } else if (awaits_ != nullptr) {
      typed_.options[awaits_->name].push_back(word);
      awaits_ = nullptr;
    } else if (word == "--") {
      typed_.behind_dashes = true;
    } else if (word.starts_with("--")) {
      pass_option(word);
    } else if (word.size() > 1 && word.starts_with('-')) {
      const auto* option = find_short_option(typed_.command, word[1]);
      awaits_ = option != nullptr && !option->value.empty() && word.size() == 2 ? option : nullptr;
    } else if (!go_on(word)) {
      typed_.positionals.push_back(word);
    }
  }

  /// The word under the cursor.
  void end_with(const std::string& word, bool split) {
    typed_.begin = word;
    if (typed_.behind_dashes) {
      typed_.wanted = TypedWords::Wanted::argument;
    } else if (awaits_ != nullptr) {
      typed_.wanted = TypedWords::Wanted::option_value;
      typed_.option = awaits_;
    } else if (word.starts_with("--") && word.find('=') != std::string::npos) {
      const auto equals = word.find('=');
      typed_.wanted = TypedWords::Wanted::option_value;
      typed_.option = find_option(typed_.command, word.substr(2, equals - 2));
      typed_.begin = word.substr(equals + 1);
      typed_.kept = split ? std::string() : word.substr(0, equals + 1);
    } else if (word.starts_with('-')) {
      typed_.wanted = TypedWords::Wanted::option_name;
    }
  }

 private:
  void pass_option(const std::string& word) {
    const auto equals = word.find('=');
    const auto* option = find_option(typed_.command, word.substr(2, equals == std::string::npos ? equals : equals - 2));
    if (option == nullptr || option->value.empty()) {
      return;
    }
    if (equals == std::string::npos) {
      awaits_ = option;
    } else {
      typed_.options[option->name].push_back(word.substr(equals + 1));
    }
  }

  /// True if a command goes on with this word.
  bool go_on(const std::string& word) {
    const auto longer = typed_.path.empty() ? word : typed_.path + " " + word;
    bool known = false;
    for (const auto& command : commands_) {
      known = known || command.name == longer || command.name.starts_with(longer + " ");
    }
    if (!known || !typed_.positionals.empty()) {
      return false;
    }
    typed_.path = longer;
    const auto named = std::find_if(commands_.begin(), commands_.end(),
                                    [&](const CommandSpec& command) { return command.name == longer; });
    typed_.command = named == commands_.end() ? nullptr : &*named;
    return true;
  }

  TypedWords& typed_;
  std::span<const CommandSpec> commands_;
  const OptionSpec* awaits_ = nullptr;
};

} // namespace

const OptionSpec* find_option(const CommandSpec* command, std::string_view name) {
  return find_if_option(command, [&](const OptionSpec& option) { return option.name == name; });
}

TypedWords TypedWords::read(std::span<const std::string> words, std::span<const CommandSpec> commands) {
  TypedWords typed;
  Reader reader(typed, commands);
  bool split = false;
  auto whole = joined(words, split);
  if (whole.empty()) {
    whole.emplace_back();
  }
  for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
    reader.pass(whole[i]);
  }
  reader.end_with(whole.back(), split);
  return typed;
}

} // namespace pier::cli

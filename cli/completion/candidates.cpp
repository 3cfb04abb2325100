#include "cli/completion/candidates.hpp"

#include "cli/commands/all.hpp"
#include "cli/completion/bundle_names.hpp"
#include "cli/completion/typed_words.hpp"
#include "cli/global_options.hpp"
#include "core/scaffold/template_source.hpp"
#include "core/workspace_client/config_file.hpp"

#include <algorithm>
#include <set>

namespace pier::cli {
namespace {

using Candidates = std::vector<Candidate>;

/// The words that may follow: the rest of a group.
Candidates next_words(const TypedWords& typed, std::span<const CommandSpec> commands) {
  Candidates found;
  std::set<std::string> known;
  const auto prefix = typed.path.empty() ? std::string() : typed.path + " ";
  for (const auto& command : commands) {
    if (command.hidden || !command.name.starts_with(prefix)) {
      continue;
    }
    const auto rest = command.name.substr(prefix.size());
    const auto word = rest.substr(0, rest.find(' '));
    if (!word.empty() && known.insert(word).second) {
      found.push_back({.text = word, .about = word == rest ? command.summary : std::string()});
    }
  }
  return found;
}

Candidates option_names(const TypedWords& typed) {
  Candidates found;
  const auto add = [&](const OptionSpec& option) {
    if (!option.hidden) {
      found.push_back({.text = "--" + option.name, .about = option.help});
    }
  };
  if (typed.command != nullptr) {
    std::for_each(typed.command->options.begin(), typed.command->options.end(), add);
  }
  const auto globals = global_options();
  std::for_each(globals.begin(), globals.end(), add);
  return found;
}

Candidates profiles(const Context& context) {
  Candidates found;
  const auto file = workspace_client::ConfigFile::load(workspace_client::config_file_path(context.env));
  for (const auto& name : file ? file->order : std::vector<std::string>()) {
    const auto& attributes = *file->find(name);
    const auto host = attributes.find("host");
    found.push_back({.text = name, .about = host == attributes.end() ? "profile" : host->second});
  }
  return found;
}

/// One place of a list "a,b,c": what stands before it is kept.
Candidates behind_last_comma(Candidates found, const std::string& begin) {
  const auto comma = begin.rfind(',');
  for (auto& candidate : found) {
    candidate.text.insert(0, comma == std::string::npos ? std::string() : begin.substr(0, comma + 1));
  }
  return found;
}

Candidates option_values(const TypedWords& typed, const BundleNames& names, const Context& context) {
  if (typed.option == nullptr) {
    return {};
  }
  const auto& name = typed.option->name;
  if (name == "target" || name == "environment") {
    return names.targets();
  }
  if (name == "profile") {
    return profiles(context);
  }
  if (name == "var") {
    return behind_last_comma(names.variables(), typed.begin);
  }
  if (name == "select") {
    return behind_last_comma(names.resources(typed.begin), typed.begin);
  }
  Candidates found;
  for (const auto& choice : typed.option->choices) {
    found.push_back({.text = choice, .about = {}});
  }
  return found;
}

Candidates templates() {
  Candidates found;
  for (const auto& known : scaffold::builtin_templates()) {
    found.push_back({.text = std::string(known.name), .about = std::string(known.summary)});
  }
  return found;
}

Candidates codes() {
  Candidates found;
  for (const auto& known : all_explanations()) {
    found.push_back({.text = std::string(known.code), .about = std::string(known.title)});
  }
  return found;
}

/// What `pier bundle run` and `pier run` know how to run.
Candidates runnable(const TypedWords& typed, const BundleNames& names) {
  if (!typed.path.starts_with("bundle ")) {
    return names.resources(typed.begin, {"jobs", "apps"});
  }
  auto found = names.resources(typed.begin, {"jobs", "pipelines", "apps"});
  for (auto& script : names.scripts()) {
    found.push_back(std::move(script));
  }
  return found;
}

/// By the name that the command gives to its next word.
Candidates positional(const TypedWords& typed, const BundleNames& names) {
  const auto& specs = typed.command->positionals;
  const auto place = typed.positionals.size();
  if (place >= specs.size()) {
    return {};
  }
  const auto& name = specs[place].name;
  if (typed.path == "run" || (typed.path == "bundle run" && name == "KEY")) {
    return runnable(typed, names);
  }
  if (name == "KEY") {
    return names.resources(typed.begin);
  }
  if (name == "APP") {
    return names.resources(typed.begin, {"apps"});
  }
  if (name == "INSTANCE") {
    return names.resources(typed.begin, {"database_instances"});
  }
  if (name == "TEMPLATE") {
    return templates();
  }
  if (name == "CODE") {
    return codes();
  }
  if (name == "SHELL") {
    return {{.text = "bash", .about = {}}, {.text = "zsh", .about = {}}, {.text = "fish", .about = {}}};
  }
  return {};
}

Candidates all_candidates(const TypedWords& typed, std::span<const CommandSpec> commands, const Context& context) {
  const Arguments arguments(typed.options);
  const BundleNames names(arguments, context);
  switch (typed.wanted) {
  case TypedWords::Wanted::option_name: return option_names(typed);
  case TypedWords::Wanted::option_value: return option_values(typed, names, context);
  case TypedWords::Wanted::argument:
    return typed.path == "bundle run" && !typed.positionals.empty() ? names.parameters_of(typed.positionals.front())
                                                                    : Candidates();
  case TypedWords::Wanted::word: break;
  }
  auto found = typed.positionals.empty() ? next_words(typed, commands) : Candidates();
  if (typed.command != nullptr) {
    for (auto& candidate : positional(typed, names)) {
      found.push_back(std::move(candidate));
    }
  }
  return found;
}

} // namespace

std::vector<Candidate> find_candidates(std::span<const std::string> words, std::span<const CommandSpec> commands,
                                       const Context& context) {
  const auto typed = TypedWords::read(words, commands);
  auto found = all_candidates(typed, commands, context);
  std::erase_if(found, [&](const Candidate& candidate) { return !candidate.text.starts_with(typed.begin); });
  for (auto& candidate : found) {
    candidate.text.insert(0, typed.kept);
  }
  return found;
}

} // namespace pier::cli

#include "cli/bundle/flow.hpp"
#include "cli/bundle/resource_titles.hpp"
#include "cli/console.hpp"
#include "core/base/process.hpp"

#include <map>

namespace pier::cli {
namespace {

struct Choice {
  std::string key;
  std::string title; ///< "Job: nightly"
  const Json* resource = nullptr;
};

std::vector<Choice> choices_of(const Json& config) {
  std::vector<Choice> found;
  const auto* resources = config.find("resources");
  if (resources == nullptr || !resources->is_object()) {
    return found;
  }
  for (const auto& [kind, group] : resources->as_object()) {
    if (!group.is_object()) {
      continue;
    }
    const auto title = title_of(kind);
    for (const auto& [key, resource] : group.as_object()) {
      found.push_back({kind + "." + key, std::string(title.heading) + ": " + shown_name(title, resource), &resource});
    }
  }
  return found;
}

/// A KEY alone or with its kind.
bool is_named(const Choice& choice, const std::string& name) {
  return choice.key == name || choice.key.substr(choice.key.find('.') + 1) == name;
}

/// The key that was given, or that a person chooses.
Result<std::string> choose_key(const Arguments& arguments, Context& context, const model::Bundle& bundle) {
  if (auto key = arguments.get("KEY"); !key.empty() || !context.console.is_interactive()) {
    if (key.empty()) {
      return Error{.kind = ErrorKind::usage, .code = "PIER0001", .message = "expected a KEY of the resource to open"};
    }
    return key;
  }
  std::map<std::string, std::string> keys; // by title
  for (const auto& choice : choices_of(bundle.config)) {
    keys.emplace(choice.title, choice.key);
  }
  std::vector<std::string> titles;
  for (const auto& [title, key] : keys) {
    titles.push_back(title);
  }
  PIER_TRY_ASSIGN(const auto title, context.console.choose("Resource to open", titles, {}));
  return keys.at(title);
}

/// $BROWSER or what the desktop has; it writes where we write.
Result<void> open_in_browser(const std::string& url, Context& context) {
  const auto program = find_program(context.env.get("BROWSER").value_or("xdg-open"), context.env);
  if (!program) {
    return Error{.kind = ErrorKind::not_found, .code = "PIER0001", .message = "no browser found: open " + url};
  }
  Command command;
  command.argv = {program->string(), url};
  command.env = context.env;
  PIER_TRY_ASSIGN(auto process, Process::start(command));
  PIER_TRY_ASSIGN(const auto status, process.wait());
  if (!status.ok()) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "PIER0001",
                 .message = status.signal == 0 ? "exit status " + std::to_string(status.code) : status.to_string()};
  }
  return {};
}

Result<Report> open(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  PIER_TRY_ASSIGN(const auto key, choose_key(arguments, context, *flow.bundle()));
  const auto config = flow.deployed_config(arguments.has("force-pull"));
  if (!config) {
    return flow.failed(config.error());
  }
  auto found = choices_of(*config);
  std::erase_if(found, [&](const Choice& choice) { return !is_named(choice, key); });
  if (found.size() != 1) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER2060",
                 .message = found.empty() ? "resource with key \"" + key + "\" not found"
                                          : "multiple resources with key \"" + key + "\" found"};
  }
  const auto url = found.front().resource->get_string("url");
  if (url.empty()) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER2062",
                 .message = "resource does not have a URL associated with it (has it been deployed?)"};
  }
  if (context.env.get("BROWSER").value_or("") == "none") {
    context.console.status("Open this URL in your browser:\n" + url);
    return flow.end();
  }
  context.console.status("Opening browser at " + url);
  PIER_TRY(open_in_browser(url, context));
  return flow.end();
}

} // namespace

CommandSpec bundle_open_command() {
  return {.name = "bundle open",
          .summary = "Open a resource in the browser, as `databricks bundle open` does",
          .options = {force_pull_option()},
          .positionals = {{.name = "KEY", .help = "key of the resource", .required = false}},
          .run = open};
}

} // namespace pier::cli

#include "cli/bundle/flow.hpp"
#include "cli/bundle/resource_titles.hpp"
#include "cli/console.hpp"
#include "cli/render/bundle_text.hpp"
#include "core/base/process.hpp"

#include <algorithm>

namespace pier::cli {
namespace {

struct Line {
  std::string key;
  std::string name;
  std::string url;
};

std::string render_resources(const Json& config) {
  std::map<std::string, std::vector<Line>> groups; // by heading
  const auto* resources = config.find("resources");
  if (resources != nullptr && resources->is_object()) {
    for (const auto& [kind, group] : resources->as_object()) {
      const auto title = title_of(kind);
      for (const auto& [key, resource] : group.is_object() ? group.as_object() : Json::Object()) {
        const bool foreign_url = kind == "external_locations"; // its url is where the data is
        groups[std::string(title.heading)].push_back(
            {key, shown_name(title, resource), foreign_url ? std::string() : resource.get_string("url")});
      }
    }
  }
  std::string out = "Resources:\n";
  for (const auto& [heading, lines] : groups) {
    out += "  " + heading + ":\n";
    for (const auto& line : lines) {
      out += "    " + line.key + ":\n      Name: " + line.name +
             "\n      URL:  " + (line.url.empty() ? "(not deployed)" : line.url) + "\n";
    }
  }
  return out;
}

Result<Report> summary(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  const auto config = flow.deployed_config(arguments.has("force-pull"));
  if (!config) {
    return flow.failed(config.error());
  }
  if (arguments.get("output") == "json") {
    return flow.end(config->dump(2, true) + "\n");
  }
  auto header = render_compatible_header(flow.bundle());
  header.pop_back();
  return flow.end(header + render_resources(*config));
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
  PIER_TRY(process.wait());
  return {};
}

Result<Report> open(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  const auto key = arguments.get("KEY");
  if (key.empty()) {
    return Error{.kind = ErrorKind::usage, .code = "PIER0001", .message = "expected a KEY of the resource to open"};
  }
  const auto config = flow.deployed_config(arguments.has("force-pull"));
  if (!config) {
    return flow.failed(config.error());
  }
  std::vector<std::string> urls;
  const auto* resources = config->find("resources");
  for (const auto& [kind, group] : resources != nullptr ? resources->as_object() : Json::Object()) {
    for (const auto& [name, resource] : group.as_object()) {
      if (name == key || kind + "." + name == key) {
        urls.push_back(resource.get_string("url"));
      }
    }
  }
  if (urls.empty()) {
    return Error{
        .kind = ErrorKind::not_found, .code = "PIER2060", .message = "resource with key \"" + key + "\" not found"};
  }
  const auto& url = urls.front();
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

OptionSpec force_pull_option() {
  return {.name = "force-pull", .help = "read the state of the workspace, not the local copy"};
}

} // namespace

CommandSpec bundle_summary_command() {
  return {.name = "bundle summary",
          .summary = "Show what is deployed and where, as `databricks bundle summary` does",
          .options = {force_pull_option(),
                      {.name = "include-locations", .help = "add the places of all values to the JSON"}},
          .run = summary};
}

CommandSpec bundle_open_command() {
  return {.name = "bundle open",
          .summary = "Open a resource in the browser, as `databricks bundle open` does",
          .options = {force_pull_option()},
          .positionals = {{.name = "KEY", .help = "key of the resource", .required = false}},
          .run = open};
}

} // namespace pier::cli

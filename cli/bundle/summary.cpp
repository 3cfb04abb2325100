#include "cli/bundle/flow.hpp"
#include "cli/bundle/resource_titles.hpp"
#include "cli/console.hpp"
#include "cli/render/bundle_text.hpp"

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

} // namespace

CommandSpec bundle_summary_command() {
  return {.name = "bundle summary",
          .summary = "Show what is deployed and where, as `databricks bundle summary` does",
          .options = {force_pull_option(),
                      {.name = "include-locations", .help = "add the places of all values to the JSON"}},
          .run = summary};
}

} // namespace pier::cli

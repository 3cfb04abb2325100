#include "bundles/load.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/load_options.hpp"
#include "cli/render/diagnostics.hpp"
#include "cli/render/report_formats.hpp"
#include "core/base/text.hpp"

#include <map>

namespace pier::cli {
namespace {

/// "2 jobs, 1 app": what the bundle would make, most first.
std::string count_resources(const model::ResourceGraph& graph) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [key, node] : graph.nodes) {
    if (!key.is_part()) {
      ++counts[key.kind];
    }
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) {
    auto words = replace_all(kind, "_", " ");
    if (count == 1) {
      const bool es = words.ends_with("branches") || words.ends_with("indexes");
      words.resize(words.size() - (es ? 2U : 1U));
    }
    parts.push_back(std::to_string(count) + " " + words);
  }
  return parts.empty() ? "none" : join(parts, ", ");
}

std::string describe(const model::Bundle& bundle, bool user_known, const Style& style) {
  std::string text = style.bold("bundle ") + bundle.name + ", target " + bundle.target;
  text += bundle.mode.empty() ? "\n" : " (" + bundle.mode + ")\n";
  if (!bundle.host.empty()) {
    text += "  host       " + bundle.host + "\n";
  }
  text +=
      "  path       " + bundle.paths.root_path + (user_known ? "\n" : style.dim("  (user not known offline)") + "\n");
  text += "  resources  " + count_resources(bundle.graph) + "\n\n";
  return text;
}

std::string verdict(const Diagnostics& diagnostics, const Style& style) {
  const auto counts = count_diagnostics(diagnostics);
  if (counts.empty()) {
    return style.green("no problems found") + "\n";
  }
  return (diagnostics.has_errors() ? style.red("found ") : style.yellow("found ")) + counts + "\n";
}

bool has_failed(const Diagnostics& diagnostics, bool strict) {
  return diagnostics.has_errors() || (strict && diagnostics.count(Severity::warning) > 0);
}

Result<Report> validate(const Arguments& arguments, Context& context) {
  const auto options = load_options(arguments, context);
  PIER_TRY_ASSIGN(const auto root, bundles::find_bundle_root(options.cwd, options.env));
  Report report;
  report.diagnostics_root = root;
  const auto bundle = bundles::load(options, report.diagnostics);
  const auto style = context.console.out_style();
  if (has_failed(report.diagnostics, arguments.has("strict"))) {
    report.exit_code = ExitCode::failed;
  }
  if (const auto format = arguments.get("format"); !format.empty() && format != "text") {
    report.raw_stdout = render_report(format, report.diagnostics.all());
    report.diagnostics = {};
  } else if (arguments.get("output") == "json") {
    if (bundle) {
      // The bytes of the official CLI, so that scripts can compare.
      report.raw_stdout = bundle->config.dump(2, true) + "\n";
    }
  } else {
    report.text = (bundle ? describe(*bundle, options.user.has_value(), style) : std::string()) +
                  verdict(report.diagnostics, style);
  }
  return report;
}

} // namespace

CommandSpec validate_command() {
  auto formats = report_formats();
  formats.insert(formats.begin(), "text");
  return {.name = "validate",
          .summary = "Check the bundle without a network",
          .description = "Reads databricks.yml and what it includes, resolves it for one target and reports every\n"
                         "problem at once, with its place, reason and remedy. With -o json it prints the resolved\n"
                         "configuration. Exit code 1 when there are errors.",
          .options = {{.name = "strict", .help = "warnings fail too"},
                      {.name = "format",
                       .value = "FORMAT",
                       .help = "how problems are written",
                       .choices = std::move(formats)}},
          .examples = {"pier validate", "pier validate -t prod -o json", "pier validate --format github"},
          .run = validate};
}

} // namespace pier::cli

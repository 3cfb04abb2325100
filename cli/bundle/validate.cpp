#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "cli/render/bundle_text.hpp"
#include "core/deploy/redact.hpp"

namespace pier::cli {
namespace {

Result<Report> validate(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  flow.load({.validate = true, .with_locations = arguments.has("include-locations")});
  std::string out;
  if (arguments.get("output") == "json") {
    out = flow.bundle() == nullptr ? std::string() : deploy::redacted_config(flow.take_config()).dump(2, true) + "\n";
  } else {
    out = render_compatible_header(flow.bundle()) + render_compatible_trailer(flow.diagnostics());
  }
  context.console.out(out);
  auto report = flow.end();
  const auto warnings = flow.diagnostics().count(Severity::warning);
  if (report.exit_code == ExitCode::ok && arguments.has("strict") && warnings > 0) {
    context.console.status("Error: " + (warnings == 1 ? "1 warning was" : std::to_string(warnings) + " warnings were") +
                           " found. Warnings are not allowed in strict mode");
    report.exit_code = ExitCode::failed;
  }
  return report;
}

} // namespace

CommandSpec bundle_validate_command() {
  return {.name = "bundle validate",
          .summary = "Check the bundle, as `databricks bundle validate` does",
          .options = {{.name = "strict", .help = "warnings fail too"},
                      {.name = "include-locations", .help = "add the places of all values to the JSON"}},
          .run = validate};
}

} // namespace pier::cli

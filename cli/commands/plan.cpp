#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/render/plan_text.hpp"
#include "cli/session.hpp"

namespace pier::cli {
namespace {

Result<Report> plan(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(const auto target, open_target(arguments, context, report));
  if (!target) {
    return report;
  }
  PIER_TRY_ASSIGN(const auto result, deploy::plan_target(*target->session, {.select = arguments.all("select")}));
  report.text = render_plan(result, context.console.out_style());
  report.json = result.plan.to_json();
  if (arguments.has("exit-code") && (!result.plan.is_noop() || !result.changed_code.empty())) {
    report.exit_code = ExitCode::differences;
  }
  return report;
}

} // namespace

CommandSpec plan_command() {
  return {.name = "plan",
          .summary = "Show what a deploy would change, and why",
          .description = "Compares the bundle with what was deployed last and with the workspace, field by field.\n"
                         "Changes nothing. The JSON can be given to `pier deploy --plan`.",
          .options = {{.name = "select",
                       .value = "KIND.KEY",
                       .help = "only this resource and what it needs",
                       .repeatable = true},
                      {.name = "exit-code", .help = "exit with 3 when something would change"}},
          .examples = {"pier plan", "pier plan -t prod -o json > plan.json", "pier plan --select apps.shop"},
          .run = plan};
}

} // namespace pier::cli

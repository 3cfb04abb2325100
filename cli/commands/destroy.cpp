#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"

namespace pier::cli {
namespace {

Result<Report> destroy(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(const auto target, open_target(arguments, context, report));
  if (!target) {
    return report;
  }
  announce_target(*target, context.console);
  const deploy::DestroyOptions options{.force_lock = arguments.has("force-lock"),
                                       .approve = make_approval(arguments, context, "destruction")};
  PIER_TRY_ASSIGN(const auto result, deploy::destroy_target(*target->session, options));
  if (result.cancelled) {
    context.console.status("destroy cancelled");
    report.exit_code = ExitCode::failed;
    return report;
  }
  report.text = result.nothing_deployed ? "nothing is deployed to this target\n"
                                        : "Destroy: " + std::to_string(result.removed) + " deleted\n";
  report.json = Json::object({{"deleted", static_cast<std::int64_t>(result.removed)}});
  return report;
}

} // namespace

CommandSpec destroy_command() {
  return {.name = "destroy",
          .summary = "Delete everything that was deployed to a target",
          .description = "Deletes the resources in reverse order and the target's folder in the workspace. Asks first.",
          .options = {auto_approve_option(), force_lock_option()},
          .examples = {"pier destroy", "pier destroy -t dev --auto-approve"},
          .run = destroy};
}

} // namespace pier::cli

#include "cli/bundle/approval.hpp"
#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"

namespace pier::cli {
namespace {

Result<Report> destroy(const Arguments& arguments, Context& context) {
  if (!arguments.has("auto-approve") && !context.console.is_interactive()) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER2037",
                 .message = "this command will destroy all resources deployed by this bundle, including workspace "
                            "files in the deployment directory.\n" +
                            std::string(k_data_loss_warning) + "\nTo proceed, use --auto-approve."};
  }
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  const deploy::DestroyOptions options{.force_lock = arguments.has("force-lock") ||
                                                     flow.asks({"bundle", "deployment", "lock", "force"}),
                                       .approve = bundle_destroy_approval(arguments, context)};
  const auto result = deploy::destroy_target(flow.session(), options);
  if (!result) {
    return flow.failed(result.error());
  }
  if (result->nothing_deployed) {
    if (flow.quiet() == 0) {
      context.console.status("No active deployment found to destroy!");
    }
  } else if (result->cancelled) {
    context.console.status("Destroy cancelled!");
  } else if (flow.quiet() < k_only_problems) {
    context.console.status("Destroy: " + std::to_string(result->removed) + " deleted");
  }
  return flow.end();
}

} // namespace

CommandSpec bundle_destroy_command() {
  return {.name = "bundle destroy",
          .summary = "Delete what was deployed, as `databricks bundle destroy` does",
          .options = {auto_approve_option(), force_lock_option(), quiet_option()},
          .run = destroy};
}

} // namespace pier::cli

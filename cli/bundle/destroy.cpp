#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"

namespace pier::cli {
namespace {

Result<Report> destroy(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  const deploy::DestroyOptions options{.force_lock = arguments.has("force-lock"),
                                       .approve = make_approval(arguments, context, "destruction")};
  const auto result = deploy::destroy_target(flow.session(), options);
  if (!result) {
    return flow.failed(result.error());
  }
  if (result->nothing_deployed) {
    context.console.status("No active deployment found to destroy!");
  } else if (result->cancelled) {
    context.console.status("Destroy cancelled!");
  } else {
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

#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"

namespace pier::cli {
namespace {

std::string render(const deploy::DeployResult& result) {
  const auto counts = result.plan.counts();
  return "Files: " + std::to_string(result.files_uploaded) + " uploaded, " + std::to_string(result.files_removed) +
         " deleted\nResources: " + std::to_string(counts.create) + " created, " + std::to_string(counts.change) +
         " changed, " + std::to_string(counts.remove) + " deleted, " + std::to_string(counts.unchanged) + " unchanged";
}

Result<Report> deploy_bundle(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  deploy::DeployOptions options;
  options.force_lock = arguments.has("force-lock");
  options.select = arguments.all("select");
  options.approve = make_approval(arguments, context, "deployment");
  options.compatible = true;
  options.deploy_changed_code = false;
  const auto result = deploy::deploy_target(flow.session(), options);
  if (!result) {
    return flow.failed(result.error());
  }
  context.console.status(result->cancelled ? "Deployment cancelled!" : render(*result));
  return flow.end();
}

} // namespace

CommandSpec bundle_deploy_command() {
  auto options = cluster_options();
  options.insert(options.end(),
                 {force_option(), force_lock_option(), auto_approve_option(), quiet_option(), select_option(),
                  OptionSpec{.name = "fail-on-active-runs", .help = "stop when jobs or pipelines run right now"},
                  OptionSpec{.name = "plan", .value = "FILE", .help = "apply this plan"},
                  OptionSpec{.name = "verbose", .help = "name each file"}});
  return {.name = "bundle deploy",
          .summary = "Deploy the bundle, as `databricks bundle deploy` does",
          .options = std::move(options),
          .run = deploy_bundle};
}

} // namespace pier::cli

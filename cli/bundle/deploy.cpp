#include "cli/bundle/approval.hpp"
#include "cli/bundle/flow.hpp"
#include "cli/bundle/sync_events.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"
#include "core/base/files.hpp"
#include "core/deploy/usage_report.hpp"

#include <chrono>

namespace pier::cli {
namespace {

std::string files_line(const BundleObserver::Files& files) {
  return "Files: " + std::to_string(files.uploaded) + " uploaded, " + std::to_string(files.removed) + " deleted";
}

void print_summary(const deploy::DeployResult& result, std::size_t quiet, Console& console) {
  if (quiet >= k_only_problems) {
    return;
  }
  for (const auto& [key, entry] : result.plan.entries) {
    if (quiet == 0 && entry.action != deploy::Action::skip) {
      auto verb = std::string(deploy::past_verb(entry.action));
      verb.front() = static_cast<char>(verb.front() - 'a' + 'A');
      console.status(verb + " " + deploy::short_key(key));
    }
  }
  console.status(files_line({result.files_uploaded, result.files_removed}));
  const auto counts = result.plan.counts();
  const auto left_out = result.plan.not_selected;
  console.status("Resources: " + std::to_string(counts.create) + " created, " + std::to_string(counts.change) +
                 " changed, " + std::to_string(counts.remove) + " deleted, " + std::to_string(counts.unchanged) +
                 " unchanged" + (left_out > 0 ? ", " + std::to_string(left_out) + " not selected" : ""));
}

/// `shown` is the path as it was given.
Result<deploy::Plan> read_plan(const std::filesystem::path& path, const std::string& shown, Console& console) {
  constexpr std::uint64_t k_max_plan = 512ULL * 1024 * 1024;
  const auto text = read_file(path, k_max_plan);
  if (!text) {
    return Error{.kind = text.error().kind,
                 .code = "PIER2024",
                 .message = "reading plan file: open " + shown +
                            (text.error().kind == ErrorKind::not_found ? ": no such file or directory"
                                                                       : ": " + text.error().message)};
  }
  PIER_TRY_ASSIGN(auto plan, deploy::Plan::parse(*text));
  if (plan.cli_version != deploy::compatible_version()) {
    console.remark("Plan was created with CLI version " + plan.cli_version + " but current version is " +
                   std::string(deploy::compatible_version()));
  }
  return plan;
}

Report deploy_with(BundleFlow& flow, model::Usage& usage, const Arguments& arguments, Context& context) {
  if (!flow.load({.deploys = true, .usage = &usage})) {
    return flow.end();
  }
  deploy::DeployOptions options;
  options.force_lock = arguments.has("force-lock") || flow.asks({"bundle", "deployment", "lock", "force"});
  options.force = arguments.has("force");
  options.fail_on_active_runs =
      arguments.has("fail-on-active-runs") || flow.asks({"bundle", "deployment", "fail_on_active_runs"});
  auto select = flow.selected();
  if (!select) {
    return flow.failed(select.error());
  }
  options.select = *std::move(select);
  options.usage = &usage;
  if (!options.select.empty()) {
    usage.tell("select_used", true);
  }
  options.approve = bundle_deploy_approval(arguments, context);
  options.deploy_changed_code = false;
  if (const auto path = arguments.get("plan"); !path.empty()) {
    auto plan = read_plan(context.cwd / path, path, context.console);
    if (!plan) {
      return flow.failed(plan.error());
    }
    options.plan = *std::move(plan);
  }
  SyncEventWriter writer(context, "text", false);
  options.sync_listener = arguments.has("verbose") ? &writer : nullptr;
  const auto result = deploy::deploy_target(flow.session(), options);
  if (!result) {
    auto report = flow.failed(result.error());
    if (const auto files = flow.files(); files && flow.quiet() < k_only_problems) {
      context.console.status(files_line(*files));
    }
    return report;
  }
  if (result->cancelled) {
    context.console.status("Deployment cancelled!");
    context.console.status(files_line({result->files_uploaded, result->files_removed}));
  } else {
    print_summary(*result, flow.quiet(), context.console);
  }
  return flow.end();
}

/// Tells the workspace that was deployed to, if there is one, how the deploy went.
void report_usage(const BundleFlow& flow, const model::Usage& usage, const deploy::UsageSender& sender,
                  const Context& context) {
  if (flow.client() != nullptr && flow.bundle() != nullptr && !deploy::is_usage_report_off(context.env)) {
    deploy::send_usage_report(deploy::usage_event(*flow.bundle(), usage, sender), *flow.client());
  }
}

Result<Report> deploy_bundle(const Arguments& arguments, Context& context) {
  const auto begin = context.clock.now();
  BundleFlow flow(arguments, context);
  model::Usage usage;
  auto report = deploy_with(flow, usage, arguments, context);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(context.clock.now() - begin);
  report_usage(flow, usage,
               {.version = "pier " PIER_VERSION,
                .command = "bundle_deploy",
                .took = took,
                .exit_code = static_cast<int>(report.exit_code)},
               context);
  return report;
}

} // namespace

CommandSpec bundle_deploy_command() {
  auto options = cluster_options();
  options.insert(options.end(),
                 {force_option(), force_lock_option(), auto_approve_option(), quiet_option(), select_option(),
                  OptionSpec{.name = "fail-on-active-runs", .help = "stop when jobs or pipelines run right now"},
                  OptionSpec{.name = "plan", .value = "FILE", .help = "apply this plan"},
                  OptionSpec{.name = "verbose", .help = "tell each file that is uploaded or deleted"}});
  return {.name = "bundle deploy",
          .summary = "Deploy the bundle, as `databricks bundle deploy` does",
          .options = std::move(options),
          .run = deploy_bundle};
}

} // namespace pier::cli

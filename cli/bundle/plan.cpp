#include "cli/bundle/flow.hpp"

namespace pier::cli {
namespace {

std::string render(const deploy::Plan& plan, bool has_selection, std::size_t quiet) {
  const auto counts = plan.counts();
  std::string out;
  if (quiet == 0 && counts.create + counts.change + counts.remove > 0) {
    for (const auto& [key, entry] : plan.entries) {
      if (entry.action != deploy::Action::skip) {
        out += std::string(deploy::verb(entry.action)) + " " + deploy::short_key(key) + "\n";
      }
    }
    out += "\n";
  }
  if (quiet >= k_only_problems) {
    return out;
  }
  out += "Plan: " + std::to_string(counts.create) + " to add, " + std::to_string(counts.change) + " to change, " +
         std::to_string(counts.remove) + " to delete, " + std::to_string(counts.unchanged) + " unchanged";
  return out + (has_selection ? ", " + std::to_string(plan.not_selected) + " not selected\n" : "\n");
}

Result<Report> plan(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load({.deploys = true})) {
    return flow.end();
  }
  const auto select = flow.selected();
  if (!select) {
    return flow.failed(select.error());
  }
  const auto result = deploy::plan_target(flow.session(), {.select = *select, .force = arguments.has("force")});
  if (!result) {
    return flow.failed(result.error());
  }
  return flow.end(arguments.get("output") == "json" ? result->plan.to_text()
                                                    : render(result->plan, !select->empty(), flow.quiet()));
}

} // namespace

CommandSpec bundle_plan_command() {
  auto options = cluster_options();
  options.insert(options.end(), {force_option(), quiet_option(), select_option()});
  return {.name = "bundle plan",
          .summary = "Show what a deploy would change, as `databricks bundle plan` does",
          .options = std::move(options),
          .run = plan};
}

} // namespace pier::cli

#include "core/deploy/dashboard_checks.hpp"

#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

constexpr std::string_view k_modified =
    "This dashboard has been modified remotely since the last bundle deployment.\n"
    "These modifications are untracked and will be overwritten on deploy.\n"
    "\n"
    "Make sure that the local dashboard definition matches what you intend to deploy\n"
    "before proceeding with the deployment.\n"
    "\n"
    "To overwrite the remote changes with your local version, use --force.\n"
    "The remote modifications will be lost.";

Diagnostic problem_of(const model::ResourceNode& node, Severity severity, std::string summary, std::string detail) {
  return {.code = "PIER2079",
          .severity = severity,
          .summary = std::move(summary),
          .detail = std::move(detail),
          .help = {},
          .spans = {node.span},
          .paths = {node.key.to_string()},
          .related = {}};
}

} // namespace

Result<void> check_dashboards(const model::Bundle& bundle, const State& state, workspace_client::RestClient& client,
                              Observer& observer, Severity severity) {
  std::size_t errors = 0;
  const auto tell = [&](const Diagnostic& problem) {
    errors += problem.severity == Severity::error ? 1 : 0;
    observer.on_event(Event{.type = Event::Type::problem, .text = problem.summary, .problem = &problem});
  };
  for (const auto& [key, node] : bundle.graph.nodes) {
    const auto* deployed = key.kind == "dashboards" && !key.is_part() ? state.find(key.to_string()) : nullptr;
    if (deployed == nullptr) {
      continue;
    }
    const auto actual = client.get("/api/2.0/lakeview/dashboards/" + workspace_client::encode_segment(deployed->id));
    if (!actual) {
      tell(
          problem_of(node, Severity::error, "failed to get dashboard \"" + key.key + "\"", actual.error().to_string()));
    } else if (actual->get_string("etag") != deployed->state.get_string("etag")) {
      tell(problem_of(node, severity, "dashboard \"" + key.key + "\" has been modified remotely",
                      std::string(k_modified)));
    }
  }
  if (errors == 0) {
    return {};
  }
  return Error{.kind = ErrorKind::conflict,
               .code = "PIER2030",
               .message = std::to_string(errors) + " dashboards cannot be deployed"};
}

Result<void> make_resource_folder(const model::Bundle& bundle, workspace_client::RestClient& client) {
  const bool needed = std::any_of(bundle.graph.nodes.begin(), bundle.graph.nodes.end(), [](const auto& node) {
    return !node.first.is_part() && (node.first.kind == "dashboards" || node.first.kind == "alerts");
  });
  if (!needed) {
    return {};
  }
  auto made = workspace_client::WorkspaceFiles(client).make_directories(bundle.paths.resource_path);
  return !made && made.error().kind == ErrorKind::already_exists ? Result<void>() : made;
}

} // namespace pier::deploy

#include "cli/bundle/bind_resource.hpp"
#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"
#include "core/base/text.hpp"
#include "core/deploy/value_diff.hpp"

namespace pier::cli {
namespace {

/// The resource that people call so, without its kind.
Result<model::ResourceKey> find_by_key(const model::Bundle& bundle, const std::string& name) {
  std::vector<model::ResourceKey> found;
  for (const auto& [key, node] : bundle.graph.nodes) {
    if (!key.is_part() && key.key == name) {
      found.push_back(key);
    }
  }
  if (found.empty()) {
    return Error{.kind = ErrorKind::not_found, .code = "PIER2060", .message = "no such resource: " + name};
  }
  if (found.size() > 1) {
    std::vector<std::string> names;
    for (const auto& key : found) {
      names.push_back(key.kind + "." + key.key);
    }
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2061",
                 .message = "ambiguous: " + name + " (can resolve to all of [" + join(names, " ") + "])"};
  }
  return found.front();
}

void show_changes(const deploy::PlanEntry& next, const std::string& key, Console& console) {
  console.status("Plan: " + std::string(deploy::to_string(next.action)) + " " + key);
  if (next.changes.empty()) {
    return;
  }
  console.status("\nChanges detected:");
  for (const auto& [field, change] : next.changes) {
    if (change.action != deploy::Action::skip) {
      console.status("  ~ " + field + ": " + change.remote.dump(0, true) + " -> " + change.after.dump(0, true));
    }
  }
  console.status("");
}

Result<void> ask(const deploy::PlanEntry& next, const std::string& key, Console& console) {
  show_changes(next, key, console);
  if (!console.is_interactive()) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER2037",
                 .message = "this bind operation requires user confirmation, but the current console does not support "
                            "prompting.\nTo proceed, use --auto-approve after reviewing the plan above."};
  }
  PIER_TRY_ASSIGN(const bool yes, console.confirm("Confirm import changes? Changes will be remotely applied only after "
                                                  "running 'bundle deploy'.",
                                                  false));
  return yes ? Result<void>() : Error{.kind = ErrorKind::interrupted, .code = "PIER2037", .message = "import aborted"};
}

Result<Report> bind(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  deploy::BindOptions options{.force_lock = arguments.has("force-lock"), .approve = {}};
  if (!arguments.has("auto-approve")) {
    PIER_TRY_ASSIGN(const auto key, find_by_key(*flow.bundle(), arguments.get("KEY")));
    options.approve = [&context, key = key.to_string()](const deploy::PlanEntry& next) {
      return ask(next, key, context.console);
    };
  }
  PIER_TRY_ASSIGN(const bool bound,
                  bind_existing(flow, arguments.get("KEY"), arguments.get("RESOURCE_ID"), options, context.console));
  if (bound) {
    context.console.status("Run 'bundle deploy' to deploy changes to your workspace");
  }
  return flow.end();
}

Result<Report> unbind(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  PIER_TRY_ASSIGN(const auto key, find_by_key(*flow.bundle(), arguments.get("KEY")));
  const auto unbound = deploy::unbind_resource(flow.session(), key, arguments.has("force-lock"));
  return unbound ? flow.end() : flow.failed(unbound.error());
}

} // namespace

Result<bool> bind_existing(BundleFlow& flow, const std::string& name, const std::string& id,
                           const deploy::BindOptions& options, Console& console) {
  PIER_TRY_ASSIGN(const auto key, find_by_key(*flow.bundle(), name));
  if (const auto bound = deploy::bind_resource(flow.session(), key, id, options); !bound) {
    flow.failed(bound.error());
    return false;
  }
  console.status("Successfully bound " + model::singular_of(key.kind) + " with an id '" + id + "'");
  return true;
}

CommandSpec bundle_bind_command() {
  return {.name = "bundle deployment bind",
          .summary =
              "Let a resource of the bundle stand for an existing one, as `databricks bundle deployment bind` does",
          .options = {auto_approve_option(), force_lock_option()},
          .positionals = {{.name = "KEY", .help = "key of the resource in the bundle"},
                          {.name = "RESOURCE_ID", .help = "id of the existing one"}},
          .examples = {"pier bundle deployment bind nightly 6565621249"},
          .run = bind};
}

CommandSpec bundle_unbind_command() {
  return {.name = "bundle deployment unbind",
          .summary = "Forget what a resource of the bundle stands for; the workspace keeps it",
          .options = {force_lock_option()},
          .positionals = {{.name = "KEY", .help = "key of the resource in the bundle"}},
          .examples = {"pier bundle deployment unbind nightly"},
          .run = unbind};
}

} // namespace pier::cli

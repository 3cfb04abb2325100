#include "cli/become.hpp"
#include "cli/bundle/flow.hpp"
#include "cli/bundle/run_arguments.hpp"
#include "cli/bundle/run_resource.hpp"
#include "cli/load_options.hpp"
#include "cli/session.hpp"
#include "core/base/process.hpp"
#include "core/base/shell.hpp"
#include "core/base/text.hpp"
#include "core/deploy/state_store.hpp"

namespace pier::cli {
namespace {

constexpr std::string_view k_not_deployed =
    "resource not found or not yet deployed. Did you forget to run 'databricks bundle deploy'?";

/// What a script of the bundle sees; without a client what we see.
Environment script_environment(const Context& context, workspace_client::RestClient* client,
                               const std::string& target) {
  auto env = client == nullptr ? context.env : with_credentials(context.env, *client);
  if (!target.empty()) {
    env.set("DATABRICKS_BUNDLE_TARGET", target);
  }
  return env;
}

/// `pier bundle run -- COMMAND …`: any command, signed in as the bundle is.
Result<Report> run_inline(const std::vector<std::string>& words, const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.select()) {
    return flow.end();
  }
  // A command that needs no workspace shall run without one.
  auto workspace = open_workspace(arguments, context, flow.bundle()->workspace, Unnamed::refused);
  if (workspace) {
    PIER_TRY(workspace->client->bearer_token()); // a refused sign-in is told before the command runs
  }
  const auto program = find_program(words.front(), context.env);
  if (!program) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER0021",
                 .message = "looking up \"" + words.front() + "\" failed: exec: \"" + words.front() +
                            "\": executable file not found in PATH"};
  }
  return become(*program, std::span(words).subspan(1),
                script_environment(context, workspace ? workspace->client.get() : nullptr, flow.bundle()->target));
}

/// An entry of `scripts`: by the shell, in the bundle's folder.
Result<Report> run_script(const Json& script, const std::vector<std::string>& words, BundleFlow& flow,
                          Context& context) {
  if (!words.empty()) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0022",
                 .message = "additional arguments are not supported for scripts. Got: [" + join(words, " ") +
                            "]. We recommend using environment variables to pass runtime arguments to a script. "
                            "For example: FOO=bar databricks bundle run my_script"};
  }
  auto env = script_environment(context, &flow.session().client, flow.bundle()->target);
  if (const auto* own = script.find("env"); own != nullptr && own->is_object()) {
    for (const auto& [name, value] : own->as_object()) {
      env.set(name, value.is_string() ? value.as_string() : value.dump());
    }
  }
  PIER_TRY_ASSIGN(const auto shell, find_shell(context.env));
  std::error_code error;
  std::filesystem::current_path(flow.bundle()->root, error);
  if (error) {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0023",
                 .message = "cannot go to " + flow.bundle()->root.string() + ": " + error.message()};
  }
  std::vector<std::string> call = {"-e"};
  if (shell.is_bash) {
    call.insert(call.end(), {"-o", "pipefail"});
  }
  call.insert(call.end(), {"-c", script.get_string("content")});
  return become(shell.program, call, env);
}

Result<model::ResourceKey> find_resource(const model::Bundle& bundle, const std::string& name) {
  auto found = bundle.graph.named(name);
  std::erase_if(found, [](const model::ResourceKey& key) {
    return key.kind != "jobs" && key.kind != "pipelines" && key.kind != "apps";
  });
  if (found.size() == 1) {
    return found.front();
  }
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER0024",
               .message = found.empty() ? "resource with key \"" + name + "\" not found"
                                        : "multiple resources with key \"" + name + "\" found"};
}

Result<Report> run(const Arguments& arguments, Context& context) {
  auto words = arguments.all("ARGUMENT");
  const auto rest = arguments.all("--");
  const auto name = arguments.get("KEY");
  if (name.empty() && !rest.empty()) {
    return run_inline(rest, arguments, context);
  }
  words.insert(words.end(), rest.begin(), rest.end());
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  if (name.empty()) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0025",
                 .message = "expected a KEY of the resource to run",
                 .hint = "pier bundle run KEY"};
  }
  const auto* script = flow.bundle()->config.find_path({"scripts", name});
  if (script != nullptr) {
    return run_script(*script, words, flow, context);
  }
  const auto pulled = deploy::pull_state(flow.session().bundle, flow.session().client, flow.session().observer);
  if (!pulled) {
    return flow.failed(pulled.error());
  }
  if (pulled->state.resources().empty()) {
    return flow.failed(Error{.kind = ErrorKind::not_found, .code = "PIER0026", .message = std::string(k_not_deployed)});
  }
  PIER_TRY_ASSIGN(const auto key, find_resource(flow.session().bundle, name));
  const auto* deployed = pulled->state.find(key.to_string());
  const RunCall call{.key = key, .id = deployed == nullptr ? std::string() : deployed->id, .words = words};
  PIER_TRY_ASSIGN(auto output, run_resource_as_official(call, flow.session(), arguments, context.console));
  return flow.end(std::move(output));
}

} // namespace

CommandSpec bundle_run_command() {
  auto options = run_parameter_options();
  options.push_back({.name = "no-wait", .help = "do not wait for the end"});
  options.push_back({.name = "restart", .help = "cancel active runs first"});
  return {.name = "bundle run",
          .summary = "Run a job, pipeline, app, script or command, as `databricks bundle run` does",
          .description =
              "Words after KEY become parameters of the job. `pier bundle run -- COMMAND …` runs any command\n"
              "with the bundle's way to sign in.",
          .options = std::move(options),
          .positionals = {{.name = "KEY", .help = "key of a job, pipeline, app or script", .required = false},
                          {.name = "ARGUMENT", .help = "parameters", .required = false, .repeatable = true}},
          .examples = {"pier bundle run nightly", "pier bundle run nightly -- --day 2026-11-24",
                       "pier bundle run -- pytest"},
          .run = run,
          .takes_command = true};
}

} // namespace pier::cli

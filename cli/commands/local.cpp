#include "cli/command.hpp"
#include "cli/console.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/config_edit.hpp"
#include "core/workspace_client/config_file.hpp"
#include "core/workspace_client/local_workspace.hpp"

#include <csignal>

namespace pier::cli {
namespace {

using workspace_client::find_local;
using workspace_client::local_paths;
using workspace_client::LocalPaths;
using workspace_client::LocalWorkspace;

constexpr std::string_view k_profile = "pier-local";

const OptionSpec k_port_option{.name = "port", .value = "PORT", .help = "port to listen on (default: the last one)"};

Result<std::optional<std::uint16_t>> chosen_port(const Arguments& arguments) {
  if (!arguments.has("port")) {
    return std::optional<std::uint16_t>();
  }
  std::int64_t port = 0;
  if (!parse_int64(arguments.get("port"), port) || port < 1 || port > 65'535) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER3007",
                 .message = "'" + arguments.get("port") + "' is no port",
                 .hint = "use a number from 1 to 65535"};
  }
  return std::optional(static_cast<std::uint16_t>(port));
}

Json describe(const LocalWorkspace& workspace) {
  auto json = workspace.state.to_json();
  json["running"] = true;
  json["folder"] = workspace.paths.folder.string();
  return json;
}

Error not_running(const LocalPaths& paths) {
  return Error{.kind = ErrorKind::unavailable,
               .code = "PIER3004",
               .message = "the local workspace '" + paths.name + "' does not run",
               .hint = "start it with `pier local start`"};
}

Result<Report> start(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto port, chosen_port(arguments));
  PIER_TRY_ASSIGN(const auto workspace, workspace_client::ensure_started(context.env, {.program = {}, .port = port}));
  if (port && *port != workspace.state.port) {
    return Error{.kind = ErrorKind::conflict,
                 .code = "PIER3001",
                 .message = "the local workspace '" + workspace.state.name + "' runs already on port " +
                            std::to_string(workspace.state.port),
                 .hint = "`pier local stop` first"};
  }
  auto json = describe(workspace);
  json["started"] = workspace.started;
  return Report{.text = "local workspace '" + workspace.state.name +
                        (workspace.started ? "' listens on " : "' runs already on ") + workspace.url + "\n",
                .json = std::move(json)};
}

Result<Report> stop(const Arguments&, Context& context) {
  PIER_TRY_ASSIGN(const auto paths, local_paths(context.env));
  PIER_TRY_ASSIGN(const bool stopped, workspace_client::stop_local(paths));
  return Report{.text = "local workspace '" + paths.name + (stopped ? "' is stopped\n" : "' does not run\n"),
                .json = Json::object({{"name", paths.name}, {"stopped", stopped}})};
}

Result<Report> status(const Arguments&, Context& context) {
  PIER_TRY_ASSIGN(const auto paths, local_paths(context.env));
  PIER_TRY_ASSIGN(const auto workspace, find_local(paths));
  if (!workspace) {
    const auto error = not_running(paths);
    return Report{.text = error.message + "; " + error.hint + "\n",
                  .json = Json::object({{"name", paths.name}, {"running", false}, {"folder", paths.folder.string()}}),
                  .exit_code = ExitCode::not_running};
  }
  const auto& state = workspace->state;
  return Report{.text = "name     " + state.name + "\nurl      " + state.url + "\npid      " +
                        std::to_string(state.pid) + "\nversion  " + state.version + "\nsince    " + state.started_at +
                        "\nfolder   " + paths.folder.string() + "\n",
                .json = describe(*workspace)};
}

Result<Report> reset(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto paths, local_paths(context.env));
  std::error_code code;
  if (!std::filesystem::exists(paths.folder, code)) {
    return Report{.text = "there is no local workspace '" + paths.name + "'\n",
                  .json = Json::object({{"name", paths.name}, {"removed", false}})};
  }
  if (!arguments.has("yes")) {
    PIER_TRY_ASSIGN(const bool sure, context.console.confirm("Remove the local workspace '" + paths.name +
                                                                 "' with its tables, databases, apps and files (" +
                                                                 paths.folder.string() + ")?",
                                                             false));
    if (!sure) {
      return Report{.text = "nothing is removed\n",
                    .json = Json::object({{"name", paths.name}, {"removed", false}}),
                    .exit_code = ExitCode::failed};
    }
  }
  PIER_TRY(workspace_client::remove_local(paths));
  return Report{.text = "local workspace '" + paths.name + "' is removed\n",
                .json = Json::object({{"name", paths.name}, {"removed", true}})};
}

Result<Report> serve(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto port, chosen_port(arguments));
  Command command;
  command.argv = {(executable_path().parent_path() / "pierd").string()};
  if (port) {
    command.argv.push_back("--port");
    command.argv.push_back(std::to_string(*port));
  }
  command.env = context.env;
  command.die_with_parent = true;
  auto process = Process::start(command);
  if (!process) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER3002",
                 .message = process.error().message,
                 .hint = "install pierd beside pier"};
  }
  const std::stop_callback on_stop(context.stop, [&] { process->signal(SIGTERM); });
  PIER_TRY_ASSIGN(const auto ended, process->wait());
  return Report{.exit_code = ended.ok() ? ExitCode::ok : static_cast<ExitCode>(ended.code == 0 ? 1 : ended.code)};
}

Result<Report> connect(const Arguments&, Context& context) {
  PIER_TRY_ASSIGN(const auto workspace, workspace_client::ensure_started(context.env));
  const auto path = workspace_client::config_file_path(context.env);
  PIER_TRY(
      workspace_client::write_profile(path, k_profile, {{"host", workspace.url}, {"token", workspace.token.reveal()}})
          .context("writing the profile " + std::string(k_profile)));
  const std::string name(k_profile);
  return Report{.text = "profile " + name + " in " + path.string() + " leads to " + workspace.url +
                        "\n\n"
                        "  databricks --profile " +
                        name +
                        " current-user me\n  python -c \"from databricks.sdk import WorkspaceClient; "
                        "print(WorkspaceClient(profile='" +
                        name +
                        "').current_user.me().user_name)\"\n\nor without the file:\n\n  export DATABRICKS_HOST=" +
                        workspace.url + " DATABRICKS_TOKEN=\"$(pier local token)\"\n",
                .json = Json::object({{"profile", name}, {"file", path.string()}, {"host", workspace.url}})};
}

Result<Report> token(const Arguments&, Context& context) {
  PIER_TRY_ASSIGN(const auto workspace, workspace_client::ensure_started(context.env));
  return Report{.text = workspace.token.reveal() + "\n",
                .json = Json::object({{"host", workspace.url}, {"token", workspace.token.reveal()}})};
}

} // namespace

CommandSpec local_start_command() {
  return {.name = "local start",
          .summary = "Start the local workspace",
          .description = "Starts the daemon of the local workspace, or says that it runs. Commands that need it start "
                         "it by themselves.",
          .options = {k_port_option},
          .examples = {"pier local start", "pier local start --port 8765"},
          .run = start};
}

CommandSpec local_stop_command() {
  return {.name = "local stop",
          .summary = "Stop the local workspace with its apps and databases",
          .examples = {"pier local stop"},
          .run = stop};
}

CommandSpec local_status_command() {
  return {.name = "local status",
          .summary = "Show whether the local workspace runs, and where",
          .description = "Exit code 5 when it does not run.",
          .examples = {"pier local status -o json"},
          .run = status};
}

CommandSpec local_reset_command() {
  return {.name = "local reset",
          .summary = "Remove the local workspace and everything in it",
          .options = {{.name = "yes", .short_name = 'y', .help = "do not ask"}},
          .examples = {"pier local reset --yes"},
          .run = reset};
}

CommandSpec local_serve_command() {
  return {.name = "local serve",
          .summary = "Run the local workspace in the foreground",
          .options = {k_port_option},
          .examples = {"PIER_LOG=debug pier local serve"},
          .run = serve};
}

CommandSpec local_connect_command() {
  return {.name = "local connect",
          .summary = "Let the official tools in: write the profile pier-local",
          .description = "Writes host and token into ~/.databrickscfg ($DATABRICKS_CONFIG_FILE) as the profile "
                         "pier-local. Other profiles stay as they are.",
          .examples = {"pier local connect", "databricks --profile pier-local apps list"},
          .run = connect};
}

CommandSpec local_token_command() {
  return {.name = "local token",
          .summary = "Print the token of the local workspace's owner",
          .examples = {"export DATABRICKS_TOKEN=\"$(pier local token)\""},
          .run = token};
}

} // namespace pier::cli

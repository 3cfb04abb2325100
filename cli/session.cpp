#include "cli/session.hpp"

#include "bundles/load.hpp"
#include "cli/console.hpp"
#include "cli/deploy_observer.hpp"
#include "cli/known_users.hpp"
#include "cli/load_options.hpp"
#include "core/workspace_client/connection.hpp"
#include "core/workspace_client/local_workspace.hpp"
#include "core/workspace_client/lookup.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <unistd.h>

namespace pier::cli {
namespace {

Result<workspace_client::Connection> local_connection(Context& context) {
  PIER_TRY_ASSIGN(const auto local, workspace_client::ensure_started(context.env));
  if (local.started) {
    context.console.status("started the local workspace at " + local.url);
  }
  workspace_client::Connection connection;
  connection.host = local.url;
  connection.token = local.token;
  return connection;
}

/// Test servers of the official CLI find the process that calls them by this.
std::string user_agent(const Environment& env) {
  const bool tells_pid = env.get("DATABRICKS_CLI_TEST_PID").value_or("") == "1";
  return tells_pid ? "pier test-pid/" + std::to_string(::getpid()) : "pier";
}

void print_losses(const deploy::Approval& approval, Console& console) {
  for (const auto& group : approval.groups) {
    if (group.keys.empty()) {
      continue;
    }
    console.status(group.message);
    for (std::size_t i = 0; i < group.keys.size(); ++i) {
      console.status("  " + std::string(deploy::verb(group.actions[i])) + " " + group.keys[i]);
    }
    console.status("");
  }
  if (!approval.root_path.empty()) {
    console.status("All files and directories at the following location will be deleted: " + approval.root_path);
    console.status("");
  }
}

} // namespace

Environment with_credentials(Environment env, workspace_client::RestClient& client) {
  for (const auto* name : {"DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET",
                           "DATABRICKS_CONFIG_PROFILE", "DATABRICKS_AUTH_TYPE"}) {
    env.unset(name);
  }
  const auto& connection = client.connection();
  const std::pair<const char*, std::string> values[] = {{"DATABRICKS_HOST", connection.host},
                                                        {"DATABRICKS_TOKEN", connection.token.reveal()},
                                                        {"DATABRICKS_CLIENT_ID", connection.client_id},
                                                        {"DATABRICKS_CLIENT_SECRET", connection.client_secret.reveal()},
                                                        {"DATABRICKS_CONFIG_PROFILE", connection.profile}};
  for (const auto& [name, value] : values) {
    if (!value.empty()) {
      env.set(name, value);
    }
  }
  return env;
}

Environment bundle_environment(Environment env, workspace_client::RestClient& client, const model::Bundle& bundle) {
  env = with_credentials(std::move(env), client);
  env.set("DATABRICKS_BUNDLE_NAME", bundle.name);
  env.set("DATABRICKS_BUNDLE_TARGET", bundle.target);
  return env;
}

namespace {

workspace_client::Remark remark_on(Console& console) {
  return [&console](const std::string& text) { console.remark(text); };
}

} // namespace

Result<WorkspaceSession> open_workspace(const Arguments& arguments, Context& context,
                                        const model::WorkspaceSettings& bundle, Unnamed unnamed) {
  const workspace_client::ConnectionRequest request{.profile = arguments.get("profile"),
                                                    .bundle = bundle,
                                                    .local = arguments.has("local"),
                                                    .as_official = unnamed == Unnamed::refused};
  PIER_TRY_ASSIGN(auto chosen, workspace_client::choose_workspace(request, context.env));
  WorkspaceSession session;
  session.local = !chosen.has_value();
  if (session.local && unnamed == Unnamed::refused && !request.local) {
    return Error{.kind = ErrorKind::unauthenticated,
                 .code = "PIER2008",
                 .message =
                     "failed during request visitor: default auth: cannot configure default credentials, please check "
                     "https://docs.databricks.com/en/dev-tools/auth.html#databricks-client-unified-authentication "
                     "to configure credentials for your preferred authentication method. Or give --local for the "
                     "local workspace"};
  }
  if (session.local) {
    PIER_TRY_ASSIGN(chosen, local_connection(context));
  }
  session.description = session.local ? chosen->host + " (local)" : chosen->describe();
  session.client = std::make_unique<workspace_client::RestClient>(
      *std::move(chosen),
      workspace_client::RestOptions{.env = context.env,
                                    .stop = context.stop,
                                    .user_agent = user_agent(context.env),
                                    .ask_host = !session.local,
                                    .on_remark = unnamed == Unnamed::refused ? remark_on(context.console)
                                                                             : workspace_client::Remark()});
  return session;
}

Result<model::CurrentUser> sign_in(const Arguments& arguments, Context& context,
                                   const model::WorkspaceSettings& workspace, TargetSession& target) {
  PIER_TRY_ASSIGN(target.workspace, open_workspace(arguments, context, workspace));
  PIER_TRY_ASSIGN(target.user, workspace_client::current_user(*target.workspace.client));
  KnownUsers(context.env).remember(workspace_of(workspace, arguments.has("local"), context.env), target.user);
  return target.user;
}

Result<std::unique_ptr<TargetSession>> open_target(const Arguments& arguments, Context& context, Report& report) {
  auto options = load_options(arguments, context);
  PIER_TRY_ASSIGN(report.diagnostics_root, bundles::find_bundle_root(options.cwd, options.env));
  // A broken bundle shall neither ask nor start a workspace.
  Diagnostics first;
  if (const auto draft = bundles::load(options, first); !draft || first.has_errors()) {
    report.diagnostics = std::move(first);
    report.exit_code = ExitCode::failed;
    return std::unique_ptr<TargetSession>();
  }
  auto target = std::make_unique<TargetSession>();
  std::optional<Error> refused;
  options.run_script = make_script_runner(context);
  options.count_files = make_file_counter(context);
  options.sign_in = [&](const model::WorkspaceSettings& workspace) -> Result<std::optional<model::CurrentUser>> {
    auto user = sign_in(arguments, context, workspace, *target);
    if (!user) {
      refused = user.error();
      return std::move(user).error();
    }
    return std::optional(*std::move(user));
  };
  options.look_up = [&](const std::string& kind, const std::string& name) {
    return workspace_client::look_up_id(*target->workspace.client, kind, name);
  };
  auto bundle = bundles::load(options, report.diagnostics);
  if (refused) {
    report.diagnostics = {};
    return *std::move(refused);
  }
  if (!bundle || report.diagnostics.has_errors()) {
    report.exit_code = ExitCode::failed;
    return std::unique_ptr<TargetSession>();
  }
  target->observer = make_deploy_observer(context.console);
  target->bundle = *std::move(bundle);
  auto& client = *target->workspace.client;
  auto env = bundle_environment(context.env, client, target->bundle);
  target->session.emplace(deploy::Session{.bundle = target->bundle,
                                          .user = target->user,
                                          .client = client,
                                          .observer = *target->observer,
                                          .env = std::move(env)});
  return target;
}

void announce_target(const TargetSession& target, Console& console) {
  const auto style = console.status_style();
  const auto& session = *target.session;
  const auto mode = session.bundle.mode.empty() ? "" : " (" + session.bundle.mode + ")";
  console.status(style.bold(session.bundle.name) + " → target " + style.bold(session.bundle.target) + mode);
  console.status("  workspace  " + target.workspace.description);
  console.status("  identity   " + session.user.user_name);
}

OptionSpec force_lock_option() {
  return {.name = "force-lock", .help = "take the deploy lock from whoever holds it"};
}

OptionSpec auto_approve_option() {
  return {.name = "auto-approve", .help = "do not ask before something is deleted"};
}

deploy::Approve make_approval(const Arguments& arguments, Context& context, std::string_view what) {
  const bool approved = arguments.has("auto-approve");
  return [approved, &context, action = std::string(what)](const deploy::Approval& approval) -> Result<bool> {
    context.console.live({});
    print_losses(approval, context.console);
    if (approved) {
      return true;
    }
    if (!context.console.is_interactive()) {
      return Error{.kind = ErrorKind::usage,
                   .code = "PIER2037",
                   .message = "the " + action + " requires destructive actions, and nobody can be asked here",
                   .hint = "look at the list above, then add --auto-approve"};
    }
    return context.console.confirm("Would you like to proceed?", false);
  };
}

} // namespace pier::cli

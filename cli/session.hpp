#pragma once

#include "cli/command.hpp"
#include "core/deploy/deployer.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pier::cli {

/// A connection to the workspace that a command is about.
struct WorkspaceSession {
  std::unique_ptr<workspace_client::RestClient> client;
  std::string description; ///< "https://… (profile x, pat)"
  bool local = false;
};

/// Which workspace is meant when nothing names one.
enum class Unnamed {
  local,  ///< the local one
  refused ///< none: a pipeline without credentials must not succeed somewhere else
};

/// The workspace by the order --local > --profile > host or profile of the target > environment > the local
/// one, which is started on demand. Error PIER2006 when nothing names one and that is refused.
Result<WorkspaceSession> open_workspace(const Arguments& arguments, Context& context,
                                        const model::WorkspaceSettings& bundle = {}, Unnamed unnamed = Unnamed::local);

/// Bundle, workspace and identity together; what plan, deploy, status … work on.
struct TargetSession {
  WorkspaceSession workspace;
  model::Bundle bundle;
  model::CurrentUser user;
  std::unique_ptr<deploy::Observer> observer;
  std::optional<deploy::Session> session;
};

/// Finds the workspace of a bundle with these settings, asks who we are and keeps both in `target`.
Result<model::CurrentUser> sign_in(const Arguments& arguments, Context& context,
                                   const model::WorkspaceSettings& workspace, TargetSession& target);

/// Loads the bundle; on the way finds the workspace and asks who we are. Problems of the bundle go to
/// `report`; nothing is returned when there are errors among them.
Result<std::unique_ptr<TargetSession>> open_target(const Arguments& arguments, Context& context, Report& report);

/// Children sign in to the same workspace in the same way, and in no other that `env` may have.
Environment with_credentials(Environment env, workspace_client::RestClient& client);
/// The same, and which bundle and target it is: what builds and hooks see.
Environment bundle_environment(Environment env, workspace_client::RestClient& client, const model::Bundle& bundle);

/// Says on stderr what a command is about to change: target, workspace, identity.
void announce_target(const TargetSession& target, Console& console);

/// Options that commands about a target share.
OptionSpec force_lock_option();
OptionSpec auto_approve_option();

/// Asks before something is lost: shows what, then a question; --auto-approve answers yes. Error usage when
/// nobody can be asked.
deploy::Approve make_approval(const Arguments& arguments, Context& context, std::string_view what);

} // namespace pier::cli

#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/model/bundle.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace pier::workspace_client {

/// How to sign in, by the names of the SDKs: pat, oauth-m2m, databricks-cli, github-oidc, env-oidc, file-oidc.
enum class AuthKind { pat, oauth_m2m, databricks_cli, github_oidc, env_oidc, file_oidc };

/// Where the identity token comes from that a workspace exchanges for its own (workload identity federation).
struct IdTokenSource {
  std::string variable;    ///< env-oidc: the variable that holds it
  std::string file;        ///< file-oidc
  std::string request_url; ///< github-oidc: ACTIONS_ID_TOKEN_REQUEST_URL
  Secret request_token;    ///< github-oidc: ACTIONS_ID_TOKEN_REQUEST_TOKEN
  std::string audience;    ///< empty: the place where tokens are exchanged
};

/// Which workspace, and as whom: everything a client needs, resolved.
struct Connection {
  std::string host; ///< "https://name" or "http://127.0.0.1:port", no trailing slash
  std::string workspace_id;
  std::string profile; ///< where the attributes came from; empty: code or environment
  AuthKind auth = AuthKind::pat;
  Secret token; ///< pat
  std::string client_id;
  Secret client_secret;
  IdTokenSource id_token;
  std::optional<double> requests_per_second; ///< nothing: 15, unlimited on a loopback host
  std::chrono::seconds retry_timeout{300};
  std::chrono::seconds http_timeout{60};
  bool verify_tls = true;

  [[nodiscard]] std::string describe() const; ///< "https://… (profile x, pat)"
};

/// What the caller knows already. Empty members: not said.
struct ConnectionRequest {
  std::string profile;             ///< --profile; wins over the environment
  model::WorkspaceSettings bundle; ///< of the target
  bool local = false;              ///< --local
  /// As `databricks bundle` does: without any name the profile DEFAULT counts, and answers may take longer.
  bool as_official = false;
};

/// `[__settings__] default_profile` of the configuration file; empty if there is none or the file cannot be read.
std::string default_profile(const Environment& env);

/// Where a command goes, by the order --local > --profile > host or profile of the target >
/// DATABRICKS_* environment > the local workspace. Nothing: the local workspace, to be started on demand.
/// Attributes: the named profile, or environment over file (facts: SDK configuration).
/// Errors PIER2002 no such profile, PIER2003 several with that host, PIER2018 one with another host than the target,
/// PIER2004-2007 no single way to sign in.
Result<std::optional<Connection>> choose_workspace(const ConnectionRequest& request, const Environment& env);

} // namespace pier::workspace_client

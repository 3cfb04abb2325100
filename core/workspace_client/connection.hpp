#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace pier::workspace_client {

enum class AuthKind { pat, oauth_m2m, databricks_cli };

/// Which workspace, and as whom: everything a client needs, resolved.
struct Connection {
  std::string host; ///< "https://name" or "http://127.0.0.1:port", no trailing slash
  std::string workspace_id;
  std::string profile; ///< where the attributes came from; empty: code or environment
  AuthKind auth = AuthKind::pat;
  Secret token; ///< pat
  std::string client_id;
  Secret client_secret;
  std::optional<double> requests_per_second; ///< nothing: 15, unlimited on a loopback host
  std::chrono::seconds retry_timeout{300};
  std::chrono::seconds http_timeout{60};
  bool verify_tls = true;

  [[nodiscard]] std::string describe() const; ///< "https://… (profile x, pat)"
};

/// What the caller knows already. Empty members: not said.
struct ConnectionRequest {
  std::string profile;        ///< --profile; wins over the environment
  std::string bundle_host;    ///< workspace.host of the target
  std::string bundle_profile; ///< workspace.profile of the target
  bool local = false;         ///< --local
};

/// Where a command goes, by the order --local > --profile > host or profile of the target >
/// DATABRICKS_* environment > the local workspace. Nothing: the local workspace, to be started on demand.
/// Attributes: the named profile, or environment over file (facts: SDK configuration). Errors PIER2002-2005.
Result<std::optional<Connection>> choose_workspace(const ConnectionRequest& request, const Environment& env);

} // namespace pier::workspace_client

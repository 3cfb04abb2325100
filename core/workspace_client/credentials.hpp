#pragma once

#include "core/base/clock.hpp"
#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/http/client.hpp"
#include "core/workspace_client/connection.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace pier::workspace_client {

/// Gives the bearer token for a request; renews it in time. Thread-safe.
class Credentials {
 public:
  virtual ~Credentials() = default;
  virtual Result<std::string> token(std::stop_token stop) = 0;
};

/// pat: the token; oauth-m2m: POST {oidc}/v1/token; databricks-cli: the plain token cache
/// ($HOME/.databricks/token-cache.json), refreshed with its refresh token (facts: workspace-api 1.3); github-oidc,
/// env-oidc, file-oidc: a token of the automation, exchanged at the same place.
/// `oidc_endpoint` as the host tells it; empty: {host}/oidc. There the place of tokens is asked for.
std::unique_ptr<Credentials> make_credentials(const Connection& connection, http::Client& client,
                                              const Environment& env, const Clock& clock,
                                              const std::string& oidc_endpoint = {});

} // namespace pier::workspace_client

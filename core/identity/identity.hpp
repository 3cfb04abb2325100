#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/model/principal.hpp"
#include "core/store/database.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::identity {

/// Who makes a call, as every module sees it.
struct Caller {
  model::Principal principal;
  std::vector<std::string> groups; ///< names, with those that contain them
  std::vector<std::string> scopes; ///< empty: all APIs; else only these (down-scoped user tokens)
  bool is_admin = false;           ///< member of `admins`

  [[nodiscard]] bool is(std::string_view principal_name) const; ///< the principal itself or one of its groups
};

enum class TokenKind {
  personal, ///< made by a person (PAT), "dapi…"
  oauth,    ///< from the token endpoint, 1 h
  database, ///< generate-database-credential: only for logins to Lakebase
  sign_in,  ///< one-time, turns into an app session
};

struct TokenRequest {
  std::int64_t principal_id = 0;
  TokenKind kind = TokenKind::oauth;
  std::chrono::seconds lifetime{3600}; ///< 0: never ends
  std::vector<std::string> scopes;
  std::vector<std::string> instances; ///< database tokens: names of instances; empty: all
  std::string comment;
};

struct IssuedToken {
  Secret token;
  std::string id;
  std::optional<TimePoint> expires;
};

struct ServicePrincipal {
  model::Principal principal; ///< name = application id (UUID)
  Secret client_secret;       ///< only when just made
};

/// Users, groups, service principals and their tokens (SQLite tables `identity_*`). Tokens are stored as
/// SHA-256 only. Thread-safe.
class Identity {
 public:
  static Result<std::unique_ptr<Identity>> open(store::Database& database, const Clock& clock);
  virtual ~Identity() = default;

  /// The caller behind a bearer token of kind personal or oauth. Error unauthenticated ("Invalid access token.").
  virtual Result<Caller> authenticate(std::string_view token) = 0;
  /// For the Lakebase front: a token of kind database (for that instance), oauth or personal.
  virtual Result<Caller> authenticate_database(std::string_view token, std::string_view instance) = 0;
  /// Redeems a one-time sign-in token; a second use fails.
  virtual Result<Caller> redeem_sign_in(std::string_view token) = 0;
  virtual Result<IssuedToken> issue(const TokenRequest& request) = 0;
  virtual Result<void> revoke(std::string_view token_id) = 0;
  /// OAuth client credentials (RFC 6749 4.4): a token of kind oauth, 1 h. Error unauthenticated (invalid_client).
  virtual Result<IssuedToken> client_credentials(std::string_view client_id, std::string_view client_secret) = 0;

  virtual Result<Caller> caller_of(std::int64_t principal_id) = 0;
  virtual Result<Caller> caller_named(std::string_view name) = 0; ///< user name or application id
  virtual Result<Caller> owner() = 0;                             ///< the user who made the workspace

  virtual Result<model::Principal> create_user(std::string_view user_name, std::string_view display_name) = 0;
  virtual Result<ServicePrincipal> create_service_principal(std::string_view display_name) = 0;
  /// A further OAuth secret of a service principal (apps get a fresh one at each start).
  virtual Result<Secret> create_client_secret(std::int64_t principal_id) = 0;
  virtual Result<void> remove_principal(std::int64_t principal_id) = 0;
};

} // namespace pier::identity

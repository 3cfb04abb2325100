#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/identity/directory.hpp"
#include "core/model/principal.hpp"
#include "core/store/database.hpp"

#include <chrono>
#include <functional>
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

/// A token as lists show it.
struct TokenInfo {
  std::string id;
  std::int64_t principal_id = 0;
  TokenKind kind = TokenKind::personal;
  std::vector<std::string> scopes;
  std::string comment;
  TimePoint created;
  std::optional<TimePoint> expires;
};

struct ServicePrincipal {
  model::Principal principal; ///< name = application id (UUID)
  Secret client_secret;       ///< only when just made
};

/// Users, groups, service principals and their tokens (SQLite tables `identity_*`). Tokens are stored as
/// SHA-256 only. Thread-safe. Names are unique over all kinds and compare without case, so that a grant can
/// never mean two principals. Every user and service principal is in `users`.
class Identity {
 public:
  /// A new database gets the groups `admins` and `users` and the owner (an e-mail), who is in both.
  static Result<std::unique_ptr<Identity>> open(store::Database& database, const Clock& clock,
                                                std::string_view owner = "owner@pier.local");
  virtual ~Identity() = default;

  /// The caller behind a bearer token of kind personal or oauth. Error unauthenticated ("Invalid access token.").
  virtual Result<Caller> authenticate(std::string_view token) = 0;
  /// For the Lakebase front: a token of kind database (for that instance), oauth or personal.
  virtual Result<Caller> authenticate_database(std::string_view token, std::string_view instance) = 0;
  /// Redeems a one-time sign-in token; a second use fails.
  virtual Result<Caller> redeem_sign_in(std::string_view token) = 0;
  virtual Result<IssuedToken> issue(const TokenRequest& request) = 0;
  virtual Result<void> revoke(std::string_view token_id) = 0;
  /// OAuth client credentials (RFC 6749 4.4): a token of kind oauth, 1 h, for the scopes (empty: all). Error
  /// unauthenticated (invalid_client).
  virtual Result<IssuedToken> client_credentials(std::string_view client_id, std::string_view client_secret,
                                                 const std::vector<std::string>& scopes = {}) = 0;

  virtual Result<Caller> caller_of(std::int64_t principal_id) = 0;
  virtual Result<Caller> caller_named(std::string_view name) = 0; ///< user name or application id
  virtual Result<Caller> owner() = 0;                             ///< the user who made the workspace

  virtual Result<model::Principal> create_user(std::string_view user_name, std::string_view display_name) = 0;
  virtual Result<ServicePrincipal> create_service_principal(std::string_view display_name) = 0;
  /// A further OAuth secret of a service principal (apps get a fresh one at each start).
  virtual Result<Secret> create_client_secret(std::int64_t principal_id) = 0;
  /// With its tokens, secrets and memberships. Refused for the owner, `admins` and `users`.
  virtual Result<void> remove_principal(std::int64_t principal_id) = 0;

  virtual Result<model::Principal> create_group(std::string_view display_name) = 0;
  virtual Result<void> add_member(std::int64_t group_id, std::int64_t member_id) = 0;
  virtual Result<void> remove_member(std::int64_t group_id, std::int64_t member_id) = 0;
  virtual Result<void> update(std::int64_t principal_id, const PrincipalUpdate& change) = 0;
  /// By user name, application id or group name.
  virtual Result<std::optional<model::Principal>> find(std::string_view name) = 0;
  virtual Result<PrincipalRecord> record(std::int64_t principal_id) = 0;
  virtual Result<std::vector<PrincipalRecord>> records(model::PrincipalKind kind) = 0; ///< oldest first

  virtual Result<std::vector<TokenInfo>> tokens(std::int64_t principal_id, TokenKind kind) = 0;
  virtual Result<ClientSecret> add_client_secret(std::int64_t principal_id, std::chrono::seconds lifetime) = 0;
  virtual Result<std::vector<ClientSecret>> client_secrets(std::int64_t principal_id) = 0;
  virtual Result<void> remove_client_secret(std::int64_t principal_id, std::string_view secret_id) = 0;

  /// Called inside the transaction that makes or removes a principal; an error undoes it. Register at start only.
  using Listener = std::function<Result<void>(const model::Principal&)>;
  virtual void on_created(Listener listener) = 0;
  virtual void on_removed(Listener listener) = 0;
};

} // namespace pier::identity

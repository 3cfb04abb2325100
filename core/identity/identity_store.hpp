#pragma once

#include "core/base/guarded.hpp"
#include "core/identity/identity.hpp"

#include <unordered_map>

namespace pier::identity {

/// What a token stands for, as kept in the cache.
struct ResolvedToken {
  Caller caller;
  std::string id;
  TokenKind kind = TokenKind::oauth;
  std::vector<std::string> instances;
  std::int64_t expires_at = 0; ///< epoch milliseconds; 0: never
};

/// Tokens and principals seen lately. Every change of principals, groups or tokens raises the generation and empties
/// it; a value read before a change is not put in after it.
struct TokenCache {
  std::uint64_t generation = 0;
  std::unordered_map<std::string, ResolvedToken> by_hash;
  std::unordered_map<std::int64_t, PrincipalRecord> records; ///< users and service principals
};

/// Identity over SQLite. Private to this room.
class IdentityStore final : public Identity {
 public:
  IdentityStore(store::Database& database, const Clock& clock)
      : database_(database),
        clock_(clock) {}

  Result<void> prepare(std::string_view owner);

  Result<Caller> authenticate(std::string_view token) override;
  Result<Caller> authenticate_database(std::string_view token, std::string_view instance) override;
  Result<Caller> redeem_sign_in(std::string_view token) override;
  Result<IssuedToken> issue(const TokenRequest& request) override;
  Result<void> revoke(std::string_view token_id) override;
  Result<IssuedToken> client_credentials(std::string_view client_id, std::string_view client_secret,
                                         const std::vector<std::string>& scopes) override;
  Result<std::vector<TokenInfo>> tokens(std::int64_t principal_id, TokenKind kind) override;

  Result<Caller> caller_of(std::int64_t principal_id) override;
  Result<Caller> caller_named(std::string_view name) override;
  Result<Caller> owner() override;

  Result<model::Principal> create_user(std::string_view user_name, std::string_view display_name) override;
  Result<ServicePrincipal> create_service_principal(std::string_view display_name) override;
  Result<model::Principal> create_group(std::string_view display_name) override;
  Result<void> remove_principal(std::int64_t principal_id) override;
  Result<void> add_member(std::int64_t group_id, std::int64_t member_id) override;
  Result<void> remove_member(std::int64_t group_id, std::int64_t member_id) override;
  Result<void> update(std::int64_t principal_id, const PrincipalUpdate& change) override;
  Result<std::optional<model::Principal>> find(std::string_view name) override;
  Result<PrincipalRecord> record(std::int64_t principal_id) override;
  Result<std::vector<PrincipalRecord>> records(model::PrincipalKind kind) override;

  Result<Secret> create_client_secret(std::int64_t principal_id) override;
  Result<ClientSecret> add_client_secret(std::int64_t principal_id, std::chrono::seconds lifetime) override;
  Result<std::vector<ClientSecret>> client_secrets(std::int64_t principal_id) override;
  Result<void> remove_client_secret(std::int64_t principal_id, std::string_view secret_id) override;

  void on_created(Listener listener) override { created_.push_back(std::move(listener)); }

  void on_removed(Listener listener) override { removed_.push_back(std::move(listener)); }

 private:
  Result<ResolvedToken> resolve(std::string_view token);
  Result<ResolvedToken> load_token(const std::string& hash);
  Result<Caller> load_caller(std::int64_t principal_id);
  Result<model::Principal> load_principal(std::int64_t principal_id);
  Result<std::vector<Membership>> memberships(std::int64_t principal_id);
  Result<model::Principal> insert_principal(model::Principal principal);
  Result<PrincipalRecord> complete(const store::Row& row);
  Result<ClientSecret> insert_secret(std::int64_t principal_id, std::chrono::seconds lifetime, bool managed);
  Result<void> require_not_last_admin(std::int64_t principal_id);
  Result<std::int64_t> owner_id();
  Result<std::int64_t> group_id(std::string_view name);
  void forget_cached();

  [[nodiscard]] std::int64_t now_millis() const { return to_epoch_millis(clock_.now()); }

  store::Database& database_;
  const Clock& clock_;
  Guarded<TokenCache> cache_;
  std::vector<Listener> created_;
  std::vector<Listener> removed_;
};

std::string_view kind_text(model::PrincipalKind kind);
model::PrincipalKind kind_of_text(std::string_view text);
/// Columns of identity_principals in the order of k_principal_columns.
model::Principal principal_of(const store::Row& row);
inline constexpr std::string_view k_principal_columns = "id, kind, name, display_name, active, attributes";
/// `tail` follows "SELECT … FROM identity_principals ".
std::string select_principals(std::string_view tail);

} // namespace pier::identity

#include "core/identity/identity_store.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"

#include <algorithm>

namespace pier::identity {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_cached_tokens = 4096;
constexpr std::size_t k_managed_secrets_kept = 2;

std::string_view text_of(TokenKind kind) {
  switch (kind) {
  case TokenKind::personal: return "personal";
  case TokenKind::oauth: return "oauth";
  case TokenKind::database: return "database";
  case TokenKind::sign_in: break;
  }
  return "sign_in";
}

TokenKind token_kind_of(std::string_view text) {
  if (text == "personal") {
    return TokenKind::personal;
  }
  if (text == "oauth") {
    return TokenKind::oauth;
  }
  return text == "database" ? TokenKind::database : TokenKind::sign_in;
}

std::string hash_of(std::string_view secret) {
  return hex_encode(sha256(secret));
}

Error invalid_token() {
  return Error{.kind = ErrorKind::unauthenticated,
               .code = "INVALID_TOKEN",
               .message = "Invalid access token.",
               .hint = "make a new one: pier local token"};
}

Error invalid_client() {
  return Error{.kind = ErrorKind::unauthenticated, .code = "invalid_client", .message = "Client authentication failed"};
}

std::string list_text(const std::vector<std::string>& items) {
  return Json::strings(items).dump();
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> items;
  if (const auto parsed = Json::parse(text); parsed && parsed->is_array()) {
    for (const auto& item : parsed->as_array()) {
      items.push_back(item.is_string() ? item.as_string() : std::string());
    }
  }
  return items;
}

std::optional<TimePoint> end_of(std::int64_t millis) {
  return millis == 0 ? std::nullopt : std::optional(from_epoch_millis(millis));
}

std::string new_token(TokenKind kind) {
  // Personal tokens have the look that tools expect ("dapi" and 32 hex digits).
  return kind == TokenKind::personal ? "dapi" + hex_encode(random_bytes(16)) : base64url_encode(random_bytes(32));
}

bool has_scope(const Caller& caller, std::string_view scope) {
  return caller.scopes.empty() || std::find(caller.scopes.begin(), caller.scopes.end(), scope) != caller.scopes.end() ||
         std::find(caller.scopes.begin(), caller.scopes.end(), "all-apis") != caller.scopes.end();
}

} // namespace

Result<ResolvedToken> IdentityStore::load_token(const std::string& hash) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT t.id, t.principal_id, t.kind, t.scopes, t.instances, t.expires_at"
                                  " FROM identity_tokens t JOIN identity_principals p ON p.id = t.principal_id"
                                  " WHERE t.hash = ? AND p.active = 1",
                                  {hash}));
  if (rows.empty()) {
    return invalid_token();
  }
  const auto& row = rows.front();
  PIER_TRY_ASSIGN(auto caller, load_caller(row.integer(1)));
  caller.scopes = list_of(row.text(3));
  return ResolvedToken{.caller = std::move(caller),
                       .id = row.text(0),
                       .kind = token_kind_of(row.text(2)),
                       .instances = list_of(row.text(4)),
                       .expires_at = row.integer(5)};
}

Result<ResolvedToken> IdentityStore::resolve(std::string_view token) {
  const auto hash = hash_of(token);
  std::uint64_t generation = 0;
  {
    auto cache = cache_.lock();
    generation = cache->generation;
    if (const auto it = cache->by_hash.find(hash); it != cache->by_hash.end()) {
      if (it->second.expires_at != 0 && it->second.expires_at <= now_millis()) {
        cache->by_hash.erase(it);
        return invalid_token();
      }
      return it->second;
    }
  }
  PIER_TRY_ASSIGN(auto resolved, load_token(hash));
  if (resolved.expires_at != 0 && resolved.expires_at <= now_millis()) {
    return invalid_token();
  }
  auto cache = cache_.lock();
  if (cache->generation == generation) {
    if (cache->by_hash.size() >= k_max_cached_tokens) {
      cache->by_hash.clear();
    }
    cache->by_hash.insert_or_assign(hash, resolved);
  }
  return resolved;
}

Result<Caller> IdentityStore::authenticate(std::string_view token) {
  PIER_TRY_ASSIGN(auto resolved, resolve(token));
  if (resolved.kind != TokenKind::personal && resolved.kind != TokenKind::oauth) {
    return invalid_token();
  }
  return std::move(resolved.caller);
}

Result<Caller> IdentityStore::authenticate_database(std::string_view token, std::string_view instance) {
  PIER_TRY_ASSIGN(auto resolved, resolve(token));
  const auto& names = resolved.instances;
  const bool wrong_instance = resolved.kind == TokenKind::database && !names.empty() &&
                              std::find(names.begin(), names.end(), instance) == names.end();
  const bool down_scoped = resolved.kind != TokenKind::database && !has_scope(resolved.caller, "postgres");
  if (resolved.kind == TokenKind::sign_in || wrong_instance || down_scoped) {
    return invalid_token();
  }
  return std::move(resolved.caller);
}

Result<Caller> IdentityStore::redeem_sign_in(std::string_view token) {
  PIER_TRY_ASSIGN(auto resolved, resolve(token));
  if (resolved.kind != TokenKind::sign_in) {
    return invalid_token();
  }
  // The deletion decides who was first.
  PIER_TRY_ASSIGN(const auto removed, database_.execute("DELETE FROM identity_tokens WHERE id = ?", {resolved.id}));
  forget_cached();
  if (removed == 0) {
    return invalid_token();
  }
  return std::move(resolved.caller);
}

Result<IssuedToken> IdentityStore::issue(const TokenRequest& request) {
  const auto now = clock_.now();
  std::optional<TimePoint> expires;
  if (request.lifetime != 0s) {
    expires = now + request.lifetime;
  }
  const auto token = new_token(request.kind);
  const auto id = hex_encode(random_bytes(32));
  return database_.transaction([&]() -> Result<IssuedToken> {
    PIER_TRY_ASSIGN(const auto principal, load_principal(request.principal_id));
    if (principal.kind == model::PrincipalKind::group) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "'" + principal.name + "' is a group: only users and service principals have tokens"};
    }
    PIER_TRY(database_.execute("DELETE FROM identity_tokens WHERE expires_at > 0 AND expires_at < ?",
                               {to_epoch_millis(now)}));
    PIER_TRY(database_.execute(
        "INSERT INTO identity_tokens(id, hash, principal_id, kind, scopes, instances, comment, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {id, hash_of(token), request.principal_id, std::string(text_of(request.kind)), list_text(request.scopes),
         list_text(request.instances), request.comment, to_epoch_millis(now),
         expires ? to_epoch_millis(*expires) : 0}));
    return IssuedToken{.token = Secret(token), .id = id, .expires = expires};
  });
}

Result<void> IdentityStore::revoke(std::string_view token_id) {
  PIER_TRY_ASSIGN(const auto removed,
                  database_.execute("DELETE FROM identity_tokens WHERE id = ?", {std::string(token_id)}));
  forget_cached();
  if (removed == 0) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "no token has the id " + std::string(token_id)};
  }
  return {};
}

Result<std::vector<TokenInfo>> IdentityStore::tokens(std::int64_t principal_id, TokenKind kind) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT id, principal_id, kind, scopes, comment, created_at, expires_at"
                                  " FROM identity_tokens WHERE principal_id = ? AND kind = ?"
                                  " AND (expires_at = 0 OR expires_at > ?) ORDER BY created_at, id",
                                  {principal_id, std::string(text_of(kind)), now_millis()}));
  std::vector<TokenInfo> out;
  for (const auto& row : rows) {
    out.push_back(TokenInfo{.id = row.text(0),
                            .principal_id = row.integer(1),
                            .kind = token_kind_of(row.text(2)),
                            .scopes = list_of(row.text(3)),
                            .comment = row.text(4),
                            .created = from_epoch_millis(row.integer(5)),
                            .expires = end_of(row.integer(6))});
  }
  return out;
}

Result<IssuedToken> IdentityStore::client_credentials(std::string_view client_id, std::string_view client_secret,
                                                      const std::vector<std::string>& scopes) {
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT s.hash, p.id FROM identity_client_secrets s"
                                                   " JOIN identity_principals p ON p.id = s.principal_id"
                                                   " WHERE p.name = ? AND p.kind = 'service_principal' AND p.active = 1"
                                                   " AND (s.expires_at = 0 OR s.expires_at > ?)",
                                                   {std::string(client_id), now_millis()}));
  const auto hash = hash_of(client_secret);
  for (const auto& row : rows) {
    if (equal_constant_time(row.text(0), hash)) {
      return issue(
          TokenRequest{.principal_id = row.integer(1), .kind = TokenKind::oauth, .lifetime = 1h, .scopes = scopes});
    }
  }
  return invalid_client();
}

Result<ClientSecret> IdentityStore::insert_secret(std::int64_t principal_id, std::chrono::seconds lifetime,
                                                  bool managed) {
  PIER_TRY_ASSIGN(const auto principal, load_principal(principal_id));
  if (principal.kind != model::PrincipalKind::service_principal) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "'" + principal.name + "' is no service principal"};
  }
  const auto now = clock_.now();
  ClientSecret made{.id = random_uuid(), .secret = Secret("dose" + hex_encode(random_bytes(16))), .created = now};
  made.hash = hash_of(made.secret.reveal());
  if (lifetime != 0s) {
    made.expires = now + lifetime;
  }
  PIER_TRY(
      database_.execute("INSERT INTO identity_client_secrets(id, principal_id, hash, managed, created_at, expires_at)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        {made.id, principal_id, made.hash, static_cast<std::int64_t>(managed ? 1 : 0),
                         to_epoch_millis(now), made.expires ? to_epoch_millis(*made.expires) : 0}));
  return made;
}

Result<Secret> IdentityStore::create_client_secret(std::int64_t principal_id) {
  return database_.transaction([&]() -> Result<Secret> {
    PIER_TRY_ASSIGN(auto made, insert_secret(principal_id, 0s, true));
    // An app gets one at each start: those of earlier starts end, the last but one may still be in use.
    PIER_TRY(database_.execute("DELETE FROM identity_client_secrets WHERE principal_id = ?1 AND managed = 1"
                               " AND id NOT IN (SELECT id FROM identity_client_secrets WHERE principal_id = ?1"
                               "  AND managed = 1 ORDER BY created_at DESC, id = ?2 DESC LIMIT ?3)",
                               {principal_id, made.id, static_cast<std::int64_t>(k_managed_secrets_kept)}));
    return made.secret;
  });
}

Result<ClientSecret> IdentityStore::add_client_secret(std::int64_t principal_id, std::chrono::seconds lifetime) {
  return database_.transaction([&] { return insert_secret(principal_id, lifetime, false); });
}

Result<std::vector<ClientSecret>> IdentityStore::client_secrets(std::int64_t principal_id) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT id, hash, created_at, expires_at FROM identity_client_secrets"
                                  " WHERE principal_id = ? ORDER BY created_at, id",
                                  {principal_id}));
  std::vector<ClientSecret> out;
  for (const auto& row : rows) {
    out.push_back(ClientSecret{.id = row.text(0),
                               .hash = row.text(1),
                               .created = from_epoch_millis(row.integer(2)),
                               .expires = end_of(row.integer(3))});
  }
  return out;
}

Result<void> IdentityStore::remove_client_secret(std::int64_t principal_id, std::string_view secret_id) {
  PIER_TRY_ASSIGN(const auto removed,
                  database_.execute("DELETE FROM identity_client_secrets WHERE principal_id = ? AND id = ?",
                                    {principal_id, std::string(secret_id)}));
  if (removed == 0) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "the service principal has no secret with the id " + std::string(secret_id)};
  }
  return {};
}

} // namespace pier::identity

#include "core/identity/identity_store.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::identity {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"sql(
CREATE TABLE identity_principals(
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'service_principal', 'group')),
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  display_name TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1,
  attributes TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE identity_members(
  group_id INTEGER NOT NULL REFERENCES identity_principals(id) ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES identity_principals(id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_members_by_member ON identity_members(member_id);
CREATE TABLE identity_tokens(
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  principal_id INTEGER NOT NULL REFERENCES identity_principals(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  scopes TEXT NOT NULL,
  instances TEXT NOT NULL,
  comment TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_tokens_by_principal ON identity_tokens(principal_id);
CREATE INDEX identity_tokens_by_end ON identity_tokens(expires_at);
CREATE TABLE identity_client_secrets(
  id TEXT PRIMARY KEY,
  principal_id INTEGER NOT NULL REFERENCES identity_principals(id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  managed INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_client_secrets_by_principal ON identity_client_secrets(principal_id);
CREATE TABLE identity_settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql"};

} // namespace

bool Caller::is(std::string_view principal_name) const {
  return equals_ignore_case(principal.name, principal_name) ||
         std::any_of(groups.begin(), groups.end(),
                     [&](const std::string& group) { return equals_ignore_case(group, principal_name); });
}

std::string_view kind_text(model::PrincipalKind kind) {
  switch (kind) {
  case model::PrincipalKind::user: return "user";
  case model::PrincipalKind::service_principal: return "service_principal";
  case model::PrincipalKind::group: break;
  }
  return "group";
}

model::PrincipalKind kind_of_text(std::string_view text) {
  if (text == "user") {
    return model::PrincipalKind::user;
  }
  return text == "group" ? model::PrincipalKind::group : model::PrincipalKind::service_principal;
}

std::string select_principals(std::string_view tail) {
  return "SELECT " + std::string(k_principal_columns) + " FROM identity_principals " + std::string(tail);
}

model::Principal principal_of(const store::Row& row) {
  return model::Principal{
      .id = row.integer(0), .kind = kind_of_text(row.text(1)), .name = row.text(2), .display_name = row.text(3)};
}

Result<std::unique_ptr<Identity>> Identity::open(store::Database& database, const Clock& clock,
                                                 std::string_view owner) {
  auto identity = std::make_unique<IdentityStore>(database, clock);
  PIER_TRY(identity->prepare(owner));
  return std::unique_ptr<Identity>(std::move(identity));
}

Result<void> IdentityStore::prepare(std::string_view owner) {
  PIER_TRY(database_.ensure_schema("identity", k_schema));
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto known, database_.query("SELECT value FROM identity_settings WHERE key = 'owner'"));
    if (!known.empty()) {
      return {};
    }
    PIER_TRY_ASSIGN(const auto admins, create_group(k_admins_group));
    PIER_TRY(create_group(k_users_group));
    PIER_TRY_ASSIGN(const auto user, create_user(owner, {}));
    PIER_TRY(add_member(admins.id, user.id));
    PIER_TRY(
        database_.execute("INSERT INTO identity_settings(key, value) VALUES ('owner', ?)", {std::to_string(user.id)}));
    return {};
  });
}

void IdentityStore::forget_cached() {
  auto cache = cache_.lock();
  ++cache->generation;
  cache->by_hash.clear();
  cache->records.clear();
}

Result<model::Principal> IdentityStore::load_principal(std::int64_t principal_id) {
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_principals("WHERE id = ?"), {principal_id}));
  if (rows.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "no principal has the id " + std::to_string(principal_id)};
  }
  return principal_of(rows.front());
}

Result<std::vector<Membership>> IdentityStore::memberships(std::int64_t principal_id) {
  // UNION (not ALL) ends the recursion even if groups contain each other.
  PIER_TRY_ASSIGN(
      const auto rows,
      database_.query("WITH RECURSIVE held(id) AS ("
                      "  SELECT group_id FROM identity_members WHERE member_id = ?1"
                      "  UNION SELECT m.group_id FROM identity_members m JOIN held ON m.member_id = held.id)"
                      "SELECT p.id, p.kind, p.name, p.display_name, EXISTS (SELECT 1 FROM identity_members d"
                      "  WHERE d.group_id = p.id AND d.member_id = ?1)"
                      " FROM identity_principals p JOIN held ON p.id = held.id ORDER BY p.name",
                      {principal_id}));
  std::vector<Membership> out;
  for (const auto& row : rows) {
    out.push_back(Membership{.group = principal_of(row), .direct = row.integer(4) != 0});
  }
  return out;
}

Result<Caller> IdentityStore::load_caller(std::int64_t principal_id) {
  PIER_TRY_ASSIGN(auto principal, load_principal(principal_id));
  PIER_TRY_ASSIGN(const auto groups, memberships(principal_id));
  Caller caller{.principal = std::move(principal)};
  for (const auto& membership : groups) {
    caller.groups.push_back(membership.group.name);
    caller.is_admin = caller.is_admin || membership.group.name == k_admins_group;
  }
  caller.groups.emplace_back(k_account_users);
  return caller;
}

Result<Caller> IdentityStore::caller_of(std::int64_t principal_id) {
  return load_caller(principal_id);
}

Result<Caller> IdentityStore::caller_named(std::string_view name) {
  PIER_TRY_ASSIGN(const auto found, find(name));
  if (!found || found->kind == model::PrincipalKind::group) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "no user or service principal is named '" + std::string(name) + "'"};
  }
  return load_caller(found->id);
}

Result<std::int64_t> IdentityStore::owner_id() {
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT value FROM identity_settings WHERE key = 'owner'"));
  std::int64_t id = 0;
  if (rows.empty() || !parse_int64(rows.front().text(0), id)) {
    return std::int64_t{0};
  }
  return id;
}

Result<Caller> IdentityStore::owner() {
  PIER_TRY_ASSIGN(const auto id, owner_id());
  return load_caller(id);
}

Result<std::int64_t> IdentityStore::group_id(std::string_view name) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT id FROM identity_principals WHERE name = ?", {std::string(name)}));
  return rows.empty() ? std::int64_t{0} : rows.front().integer(0);
}

} // namespace pier::identity

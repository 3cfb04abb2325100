#include "core/identity/secret_scopes.hpp"

#include "core/base/text.hpp"
#include "core/identity/sealer.hpp"

#include <algorithm>
#include <array>

namespace pier::identity {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"sql(
CREATE TABLE identity_secret_scopes(name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE identity_secrets(
  scope TEXT NOT NULL REFERENCES identity_secret_scopes(name) ON DELETE CASCADE,
  key TEXT NOT NULL,
  sealed ANY NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE identity_secret_acls(
  scope TEXT NOT NULL REFERENCES identity_secret_scopes(name) ON DELETE CASCADE,
  principal TEXT NOT NULL COLLATE NOCASE,
  permission TEXT NOT NULL,
  PRIMARY KEY (scope, principal)
) STRICT, WITHOUT ROWID;
)sql"};

constexpr std::array<std::string_view, 3> k_permissions = {"READ", "WRITE", "MANAGE"};
constexpr std::size_t k_max_name = 128;
constexpr std::size_t k_max_value = 128U * 1024;

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Error missing(std::string message) {
  return Error{.kind = ErrorKind::not_found, .code = "RESOURCE_DOES_NOT_EXIST", .message = std::move(message)};
}

Result<void> check_name(std::string_view what, std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.@/ ").find(c) != std::string_view::npos;
  });
  if (name.empty() || name.size() > k_max_name || !plain) {
    return invalid("'" + std::string(name.substr(0, k_max_name)) + "' is no " + std::string(what) +
                   ": 1 to 128 letters, digits and -_.@/");
  }
  return {};
}

bool includes(std::string_view held, std::string_view needed) {
  return std::find(k_permissions.begin(), k_permissions.end(), held) >=
             std::find(k_permissions.begin(), k_permissions.end(), needed) &&
         std::find(k_permissions.begin(), k_permissions.end(), held) != k_permissions.end();
}

class SecretStore final : public SecretScopes {
 public:
  SecretStore(store::Database& database, const Clock& clock, Identity& identity, Sealer sealer)
      : database_(database),
        clock_(clock),
        identity_(identity),
        sealer_(std::move(sealer)) {}

  Result<void> prepare();
  Result<void> create_scope(const Caller& caller, std::string_view scope,
                            std::string_view initial_manage_principal) override;
  Result<void> remove_scope(const Caller& caller, std::string_view scope) override;
  Result<std::vector<std::string>> scopes(const Caller& caller) override;
  Result<void> put(const Caller& caller, std::string_view scope, std::string_view key, const Secret& value) override;
  Result<Secret> get(const Caller& caller, std::string_view scope, std::string_view key) override;
  Result<void> remove(const Caller& caller, std::string_view scope, std::string_view key) override;
  Result<std::vector<SecretMetadata>> list(const Caller& caller, std::string_view scope) override;
  Result<void> put_acl(const Caller& caller, std::string_view scope, const ScopeAcl& acl) override;
  Result<ScopeAcl> acl(const Caller& caller, std::string_view scope, std::string_view principal) override;
  Result<std::vector<ScopeAcl>> acls(const Caller& caller, std::string_view scope) override;
  Result<void> remove_acl(const Caller& caller, std::string_view scope, std::string_view principal) override;

 private:
  Result<void> require(const Caller& caller, std::string_view scope, std::string_view permission);
  Result<std::vector<ScopeAcl>> entries(std::string_view scope);
  Result<void> store_acl(std::string_view scope, const ScopeAcl& acl);

  store::Database& database_;
  const Clock& clock_;
  Identity& identity_;
  Sealer sealer_;
};

/// Binds a sealed value to its place.
std::string label_of(std::string_view scope, std::string_view key) {
  return std::string(scope) + '\0' + std::string(key);
}

Result<void> SecretStore::prepare() {
  PIER_TRY(database_.ensure_schema("identity_secrets", k_schema));
  identity_.on_removed([this](const model::Principal& principal) -> Result<void> {
    PIER_TRY(database_.execute("DELETE FROM identity_secret_acls WHERE principal = ?", {principal.name}));
    return {};
  });
  return {};
}

Result<std::vector<ScopeAcl>> SecretStore::entries(std::string_view scope) {
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT principal, permission FROM identity_secret_acls"
                                                   " WHERE scope = ? ORDER BY principal",
                                                   {std::string(scope)}));
  std::vector<ScopeAcl> out;
  for (const auto& row : rows) {
    out.push_back(ScopeAcl{.principal = row.text(0), .permission = row.text(1)});
  }
  return out;
}

Result<void> SecretStore::require(const Caller& caller, std::string_view scope, std::string_view permission) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT 1 FROM identity_secret_scopes WHERE name = ?", {std::string(scope)}));
  if (rows.empty()) {
    return missing("Scope " + std::string(scope) + " does not exist!");
  }
  if (caller.is_admin) {
    return {};
  }
  PIER_TRY_ASSIGN(const auto list, entries(scope));
  const bool allowed = std::any_of(list.begin(), list.end(), [&](const ScopeAcl& entry) {
    return caller.is(entry.principal) && includes(entry.permission, permission);
  });
  if (!allowed) {
    return Error{.kind = ErrorKind::permission_denied,
                 .code = "PERMISSION_DENIED",
                 .message = caller.principal.name + " does not have " + std::string(permission) +
                            " permission on scope " + std::string(scope),
                 .hint = "databricks secrets put-acl " + std::string(scope) + " " + caller.principal.name + " " +
                         std::string(permission)};
  }
  return {};
}

Result<void> SecretStore::create_scope(const Caller& caller, std::string_view scope,
                                       std::string_view initial_manage_principal) {
  PIER_TRY(check_name("scope name", scope));
  if (!initial_manage_principal.empty() && initial_manage_principal != k_users_group) {
    return invalid("initial_manage_principal is 'users' or left out");
  }
  return database_.transaction([&]() -> Result<void> {
    auto made = database_.execute("INSERT INTO identity_secret_scopes(name) VALUES (?)", {std::string(scope)});
    if (!made && made.error().kind == ErrorKind::already_exists) {
      return Error{.kind = ErrorKind::invalid_argument, // the real service answers 400
                   .code = "RESOURCE_ALREADY_EXISTS",
                   .message = "Scope " + std::string(scope) + " already exists!"};
    }
    PIER_TRY(std::move(made));
    const auto manager =
        initial_manage_principal.empty() ? caller.principal.name : std::string(initial_manage_principal);
    return store_acl(scope, ScopeAcl{.principal = manager, .permission = "MANAGE"});
  });
}

Result<void> SecretStore::remove_scope(const Caller& caller, std::string_view scope) {
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(require(caller, scope, "MANAGE"));
    PIER_TRY(database_.execute("DELETE FROM identity_secret_scopes WHERE name = ?", {std::string(scope)}));
    return {};
  });
}

Result<std::vector<std::string>> SecretStore::scopes(const Caller& caller) {
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT name FROM identity_secret_scopes ORDER BY name"));
  std::vector<std::string> out;
  for (const auto& row : rows) {
    auto name = row.text(0);
    if (require(caller, name, "READ")) {
      out.push_back(std::move(name));
    }
  }
  return out;
}

Result<void> SecretStore::put(const Caller& caller, std::string_view scope, std::string_view key, const Secret& value) {
  PIER_TRY(check_name("key", key));
  if (value.reveal().size() > k_max_value) {
    return invalid("a secret's value may have 128 KB");
  }
  PIER_TRY_ASSIGN(const auto sealed, sealer_.seal(value.reveal(), label_of(scope, key)));
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(require(caller, scope, "WRITE"));
    PIER_TRY(database_.execute("INSERT INTO identity_secrets(scope, key, sealed, updated_at) VALUES (?, ?, ?, ?)"
                               " ON CONFLICT(scope, key) DO UPDATE SET sealed = excluded.sealed,"
                               " updated_at = excluded.updated_at",
                               {std::string(scope), std::string(key), sealed, to_epoch_millis(clock_.now())}));
    return {};
  });
}

Result<Secret> SecretStore::get(const Caller& caller, std::string_view scope, std::string_view key) {
  PIER_TRY(require(caller, scope, "READ"));
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT sealed FROM identity_secrets WHERE scope = ? AND key = ?",
                                                   {std::string(scope), std::string(key)}));
  if (rows.empty()) {
    return missing("Failed to get secret " + std::string(key) + " for scope " + std::string(scope) + ".");
  }
  return sealer_.unseal(rows.front().text(0), label_of(scope, key));
}

Result<void> SecretStore::remove(const Caller& caller, std::string_view scope, std::string_view key) {
  PIER_TRY(require(caller, scope, "WRITE"));
  PIER_TRY_ASSIGN(const auto removed, database_.execute("DELETE FROM identity_secrets WHERE scope = ? AND key = ?",
                                                        {std::string(scope), std::string(key)}));
  if (removed == 0) {
    return missing("Secret " + std::string(key) + " does not exist in scope " + std::string(scope) + ".");
  }
  return {};
}

Result<std::vector<SecretMetadata>> SecretStore::list(const Caller& caller, std::string_view scope) {
  PIER_TRY(require(caller, scope, "READ"));
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT key, updated_at FROM identity_secrets"
                                                   " WHERE scope = ? ORDER BY key",
                                                   {std::string(scope)}));
  std::vector<SecretMetadata> out;
  for (const auto& row : rows) {
    out.push_back(SecretMetadata{.key = row.text(0), .updated_at = row.integer(1)});
  }
  return out;
}

Result<void> SecretStore::store_acl(std::string_view scope, const ScopeAcl& acl) {
  PIER_TRY(database_.execute("INSERT INTO identity_secret_acls(scope, principal, permission) VALUES (?, ?, ?)"
                             " ON CONFLICT(scope, principal) DO UPDATE SET permission = excluded.permission",
                             {std::string(scope), acl.principal, acl.permission}));
  return {};
}

Result<void> SecretStore::put_acl(const Caller& caller, std::string_view scope, const ScopeAcl& acl) {
  if (std::find(k_permissions.begin(), k_permissions.end(), acl.permission) == k_permissions.end()) {
    return invalid("'" + acl.permission + "' is no permission on scopes: use READ, WRITE or MANAGE");
  }
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(require(caller, scope, "MANAGE"));
    PIER_TRY_ASSIGN(const auto principal, identity_.find(acl.principal));
    if (!principal) {
      return missing("Principal: " + acl.principal + " does not exist");
    }
    return store_acl(scope, ScopeAcl{.principal = principal->name, .permission = acl.permission});
  });
}

Result<ScopeAcl> SecretStore::acl(const Caller& caller, std::string_view scope, std::string_view principal) {
  PIER_TRY_ASSIGN(const auto list, acls(caller, scope));
  for (const auto& entry : list) {
    if (equals_ignore_case(entry.principal, principal)) {
      return entry;
    }
  }
  return missing("No ACL for principal " + std::string(principal) + " on scope " + std::string(scope));
}

Result<std::vector<ScopeAcl>> SecretStore::acls(const Caller& caller, std::string_view scope) {
  PIER_TRY(require(caller, scope, "MANAGE"));
  return entries(scope);
}

Result<void> SecretStore::remove_acl(const Caller& caller, std::string_view scope, std::string_view principal) {
  PIER_TRY(require(caller, scope, "MANAGE"));
  PIER_TRY_ASSIGN(const auto removed,
                  database_.execute("DELETE FROM identity_secret_acls WHERE scope = ? AND principal = ?",
                                    {std::string(scope), std::string(principal)}));
  if (removed == 0) {
    return missing("No ACL for principal " + std::string(principal) + " on scope " + std::string(scope));
  }
  return {};
}

} // namespace

Result<std::unique_ptr<SecretScopes>> SecretScopes::open(store::Database& database, const Clock& clock,
                                                         Identity& identity, const std::filesystem::path& key_file) {
  PIER_TRY_ASSIGN(auto sealer, Sealer::open(key_file));
  auto scopes = std::make_unique<SecretStore>(database, clock, identity, std::move(sealer));
  PIER_TRY(scopes->prepare());
  return std::unique_ptr<SecretScopes>(std::move(scopes));
}

} // namespace pier::identity

#pragma once

#include "core/base/clock.hpp"
#include "core/base/secret.hpp"
#include "core/identity/identity.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pier::identity {

/// Who may do what with a scope: READ < WRITE < MANAGE.
struct ScopeAcl {
  std::string principal;
  std::string permission;
  bool operator==(const ScopeAcl&) const = default;
};

struct SecretMetadata {
  std::string key;
  std::int64_t updated_at = 0; ///< epoch milliseconds
};

/// Secrets in scopes (facts: workspace-api 3.10). The creator gets MANAGE; `admins` manage every scope; READ opens
/// values, WRITE also puts and deletes, MANAGE also changes the list and deletes the scope. Thread-safe.
class SecretScopes {
 public:
  static Result<std::unique_ptr<SecretScopes>> open(store::Database& database, const Clock& clock, Identity& identity,
                                                    const std::filesystem::path& key_file);
  virtual ~SecretScopes() = default;

  /// initial_manage_principal: empty (the creator) or "users".
  virtual Result<void> create_scope(const Caller& caller, std::string_view scope,
                                    std::string_view initial_manage_principal) = 0;
  virtual Result<void> remove_scope(const Caller& caller, std::string_view scope) = 0;
  virtual Result<std::vector<std::string>> scopes(const Caller& caller) = 0; ///< those the caller has any right on

  virtual Result<void> put(const Caller& caller, std::string_view scope, std::string_view key, const Secret& value) = 0;
  virtual Result<Secret> get(const Caller& caller, std::string_view scope, std::string_view key) = 0;
  virtual Result<void> remove(const Caller& caller, std::string_view scope, std::string_view key) = 0;
  virtual Result<std::vector<SecretMetadata>> list(const Caller& caller, std::string_view scope) = 0;

  virtual Result<void> put_acl(const Caller& caller, std::string_view scope, const ScopeAcl& acl) = 0;
  virtual Result<ScopeAcl> acl(const Caller& caller, std::string_view scope, std::string_view principal) = 0;
  virtual Result<std::vector<ScopeAcl>> acls(const Caller& caller, std::string_view scope) = 0;
  virtual Result<void> remove_acl(const Caller& caller, std::string_view scope, std::string_view principal) = 0;
};

} // namespace pier::identity

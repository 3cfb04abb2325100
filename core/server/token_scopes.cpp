#include "core/server/token_scopes.hpp"

#include <algorithm>
#include <array>

namespace pier::server {
namespace {

struct Rule {
  std::string_view prefix;
  std::string_view scope;
  bool only_reading = false;
};

// The scopes of facts/apps-runtime 2; the first prefix that fits decides.
constexpr std::array k_rules = {
    Rule{"/api/2.0/preview/scim/v2/Me", "iam.current-user:read", true},
    Rule{"/api/2.0/preview/scim/", "iam.access-control:read", true},
    Rule{"/api/2.0/permissions/", "iam.access-control:read", true},
    Rule{"/api/2.0/sql/", "sql"},
    Rule{"/sql/", "sql"},
    Rule{"/api/2.0/fs/", "files.files"},
    Rule{"/api/2.1/unity-catalog/catalogs", "catalog.catalogs:read", true},
    Rule{"/api/2.1/unity-catalog/schemas", "catalog.schemas:read", true},
    Rule{"/api/2.1/unity-catalog/tables", "catalog.tables:read", true},
    Rule{"/api/2.0/postgres/", "postgres"},
    Rule{"/api/2.0/database/", "postgres"},
};

bool is_reading(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

/// "catalog.*:read" fits "catalog.tables:read".
bool fits(std::string_view granted, std::string_view needed) {
  const auto star = granted.find('*');
  if (star == std::string_view::npos) {
    return granted == needed;
  }
  return needed.size() >= granted.size() - 1 && needed.starts_with(granted.substr(0, star)) &&
         needed.ends_with(granted.substr(star + 1));
}

} // namespace

std::string_view needed_scope(std::string_view method, std::string_view path) {
  for (const auto& rule : k_rules) {
    if (path.starts_with(rule.prefix) && (is_reading(method) || !rule.only_reading)) {
      return rule.scope;
    }
  }
  return "all-apis";
}

bool scopes_allow(const std::vector<std::string>& scopes, std::string_view method, std::string_view path) {
  if (scopes.empty()) {
    return true;
  }
  const auto needed = needed_scope(method, path);
  return std::any_of(scopes.begin(), scopes.end(),
                     [&](const auto& granted) { return granted == "all-apis" || fits(granted, needed); });
}

} // namespace pier::server

#include "core/base/text.hpp"
#include "core/catalog/catalog_store.hpp"
#include "core/catalog/privileges.hpp"

#include <algorithm>
#include <map>

namespace pier::catalog {
namespace {

bool has(const std::vector<std::string>& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

bool granted(const identity::Caller& caller, std::string_view privilege, const ChainLink& link) {
  return std::any_of(link.grants.begin(), link.grants.end(), [&](const Grant& grant) {
    const bool covers = has(grant.privileges, privilege) ||
                        (is_in_all_privileges(privilege) && has(grant.privileges, "ALL_PRIVILEGES") &&
                         link.securable.type != SecurableType::metastore);
    return covers && caller.is(grant.principal);
  });
}

/// Admins of the workspace may make catalogs; the metastore's owner may manage all but reads nothing by it.
bool holds_at_metastore(const identity::Caller& caller, std::string_view privilege, const ChainLink& link) {
  if (applies_to(privilege, SecurableType::metastore)) {
    return caller.is_admin || caller.is(link.owner);
  }
  return privilege == "MANAGE" && caller.is(link.owner);
}

std::string sql_type(SecurableType type) {
  return spoken(to_upper(to_string(type)));
}

std::string quoted_name(std::string_view full_name) {
  return "`" + replace_all(std::string(full_name), ".", "`.`") + "`";
}

Error denied(const identity::Caller& caller, const Missing& missing) {
  const auto& object = missing.securable;
  std::string word(to_string(object.type));
  word.front() = static_cast<char>(word.front() - 'a' + 'A');
  const bool metastore = object.type == SecurableType::metastore;
  return Error{.kind = ErrorKind::permission_denied,
               .code = "PERMISSION_DENIED",
               .message = "User does not have " + spoken(missing.privilege) + " on " + spoken(word) +
                          (metastore ? std::string(".") : " '" + object.full_name + "'."),
               .hint = "GRANT " + spoken(missing.privilege) + " ON " + sql_type(object.type) + " " +
                       (metastore ? std::string() : quoted_name(object.full_name) + " ") + "TO `" +
                       caller.principal.name + "`"};
}

} // namespace

bool holds_privilege(const identity::Caller& caller, std::string_view privilege, const Chain& links, std::size_t from) {
  for (std::size_t i = from; i < links.size(); ++i) {
    const auto& link = links[i];
    const bool by_right = link.securable.type == SecurableType::metastore ? holds_at_metastore(caller, privilege, link)
                                                                          : caller.is(link.owner);
    if (by_right || granted(caller, privilege, link)) {
      return true;
    }
  }
  return false;
}

std::optional<Missing> first_missing(const identity::Caller& caller, std::string_view privilege, const Chain& links) {
  const auto& metastore = links.back();
  const bool manages_all = privilege == "MANAGE" && caller.is(metastore.owner);
  if (manages_all) {
    return std::nullopt;
  }
  // From the catalog down: the outermost obstacle is the one to remove first.
  for (std::size_t i = links.size(); privilege != "BROWSE" && i-- > 0;) {
    const auto& link = links[i];
    if (link.securable.type == SecurableType::catalog && !holds_privilege(caller, "USE_CATALOG", links, i)) {
      return Missing{.privilege = "USE_CATALOG", .securable = link.securable};
    }
    if (link.securable.type == SecurableType::schema && !holds_privilege(caller, "USE_SCHEMA", links, i)) {
      return Missing{.privilege = "USE_SCHEMA", .securable = link.securable};
    }
  }
  if (!holds_privilege(caller, privilege, links, 0)) {
    return Missing{.privilege = std::string(privilege), .securable = links.front().securable};
  }
  return std::nullopt;
}

Result<Chain> CatalogStore::chain(const Securable& securable) {
  PIER_TRY_ASSIGN(const auto id, row_id(securable));
  PIER_TRY_ASSIGN(
      const auto rows,
      database_.query("WITH RECURSIVE up(id, type, full_name, owner, parent_id, depth) AS ("
                      "  SELECT id, type, full_name, owner, parent_id, 0 FROM catalog_objects WHERE id = ?"
                      "  UNION ALL SELECT o.id, o.type, o.full_name, o.owner, o.parent_id, up.depth + 1"
                      "  FROM catalog_objects o JOIN up ON o.id = up.parent_id)"
                      "SELECT up.id, up.type, up.full_name, up.owner, g.principal, g.privilege FROM up"
                      " LEFT JOIN catalog_grants g ON g.object_id = up.id ORDER BY up.depth, g.principal, g.privilege",
                      {id}));
  Chain out;
  for (const auto& row : rows) {
    if (out.empty() || out.back().row_id != row.integer(0)) {
      PIER_TRY_ASSIGN(const auto type, parse_securable_type(row.text(1)));
      out.push_back(ChainLink{
          .row_id = row.integer(0), .securable = {.type = type, .full_name = row.text(2)}, .owner = row.text(3)});
    }
    auto& grants = out.back().grants;
    if (row.is_null(4)) {
      continue;
    }
    if (grants.empty() || !equals_ignore_case(grants.back().principal, row.text(4))) {
      grants.push_back(Grant{.principal = row.text(4)});
    }
    grants.back().privileges.push_back(row.text(5));
  }
  return out;
}

Result<void> CatalogStore::require(const identity::Caller& caller, std::string_view privilege,
                                   const Securable& securable) {
  PIER_TRY_ASSIGN(const auto links, chain(securable));
  if (const auto lacking = first_missing(caller, privilege, links)) {
    return denied(caller, *lacking);
  }
  return {};
}

Result<bool> CatalogStore::may_manage(const identity::Caller& caller, const Securable& securable) {
  PIER_TRY_ASSIGN(const auto links, chain(securable));
  return holds_privilege(caller, "MANAGE", links, 0);
}

Result<bool> CatalogStore::is_visible(const identity::Caller& caller, const Securable& securable) {
  PIER_TRY_ASSIGN(const auto links, chain(securable));
  if (holds_privilege(caller, "BROWSE", links, 0) || holds_privilege(caller, "MANAGE", links, 0)) {
    return true;
  }
  const auto names = privileges_of(securable.type);
  const bool some = std::any_of(names.begin(), names.end(), [&](std::string_view privilege) {
    return privilege != "ALL_PRIVILEGES" && holds_privilege(caller, privilege, links, 0);
  });
  // Something below a container that cannot be entered stays hidden.
  return some && (links.size() < 2 || !first_missing(caller, "USE_CATALOG", Chain(links.end() - 2, links.end()))) &&
         (links.size() < 4 || holds_privilege(caller, "USE_SCHEMA", links, 1));
}

Result<std::vector<Grant>> CatalogStore::grants(const Securable& securable) {
  PIER_TRY_ASSIGN(auto links, chain(securable));
  return std::move(links.front().grants);
}

Result<std::vector<EffectiveGrant>> CatalogStore::effective_grants(const Securable& securable) {
  PIER_TRY_ASSIGN(const auto links, chain(securable));
  std::map<std::string, EffectiveGrant> by_principal;
  for (std::size_t i = 0; i < links.size(); ++i) {
    for (const auto& grant : links[i].grants) {
      auto& entry = by_principal[to_lower(grant.principal)];
      entry.principal = grant.principal;
      for (const auto& privilege : grant.privileges) {
        const bool on_the_way = privilege == "USE_CATALOG" || privilege == "USE_SCHEMA";
        const bool seen = std::any_of(entry.privileges.begin(), entry.privileges.end(),
                                      [&](const EffectivePrivilege& held) { return held.privilege == privilege; });
        if (!seen && (i == 0 || on_the_way || applies_to(privilege, securable.type))) {
          entry.privileges.push_back(EffectivePrivilege{
              .privilege = privilege, .inherited_from = i == 0 ? std::nullopt : std::optional(links[i].securable)});
        }
      }
    }
  }
  std::vector<EffectiveGrant> out;
  for (auto& [key, entry] : by_principal) {
    if (!entry.privileges.empty()) {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

Result<void> CatalogStore::check_grantee(const std::string& principal) {
  const auto unknown = [&](std::string hint) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PRINCIPAL_DOES_NOT_EXIST",
                 .message = "Could not find principal with name " + principal,
                 .hint = std::move(hint)};
  };
  if (equals_ignore_case(principal, identity::k_account_users)) {
    return {};
  }
  if (equals_ignore_case(principal, identity::k_users_group) ||
      equals_ignore_case(principal, identity::k_admins_group)) {
    return unknown("'" + principal +
                   "' is local to the workspace and holds no grants; use `account users`"
                   " or a group of your own");
  }
  if (identity_ == nullptr) {
    return {};
  }
  PIER_TRY_ASSIGN(const auto found, identity_->find(principal));
  if (!found) {
    return unknown("grants name users by e-mail, service principals by application id, groups by name");
  }
  return {};
}

Result<void> CatalogStore::apply_change(std::int64_t id, const Securable& securable, const GrantChange& change) {
  const bool add_all = has(change.add, "ALL_PRIVILEGES");
  const bool remove_all = has(change.remove, "ALL_PRIVILEGES");
  if (add_all && remove_all) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "ALL_PRIVILEGES cannot be both added and removed for " + change.principal};
  }
  if (remove_all) {
    PIER_TRY(
        database_.execute("DELETE FROM catalog_grants WHERE object_id = ? AND principal = ?", {id, change.principal}));
  }
  for (const auto& text : change.remove) {
    PIER_TRY_ASSIGN(const auto privilege, parse_privilege(text));
    PIER_TRY(database_.execute("DELETE FROM catalog_grants WHERE object_id = ? AND principal = ? AND privilege = ?",
                               {id, change.principal, privilege}));
  }
  if (!change.add.empty()) {
    PIER_TRY(check_grantee(change.principal));
  }
  for (const auto& text : change.add) {
    PIER_TRY_ASSIGN(const auto privilege, parse_privilege(text));
    if (!applies_to(privilege, securable.type)) {
      const auto names = privileges_of(securable.type);
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "Privilege " + spoken(privilege) + " is not applicable to this entity [" +
                              to_upper(to_string(securable.type)) + "]",
                   .hint = "use one of " + join(std::vector<std::string>(names.begin(), names.end()), ", ")};
    }
    PIER_TRY(database_.execute("INSERT OR IGNORE INTO catalog_grants(object_id, principal, privilege) VALUES (?, ?, ?)",
                               {id, change.principal, privilege}));
  }
  return {};
}

Result<std::vector<Grant>> CatalogStore::change_grants(const identity::Caller& caller, const Securable& securable,
                                                       const std::vector<GrantChange>& changes) {
  return database_.transaction([&]() -> Result<std::vector<Grant>> {
    PIER_TRY(require(caller, "MANAGE", securable));
    PIER_TRY_ASSIGN(const auto id, row_id(securable));
    for (const auto& change : changes) {
      if (trim(change.principal).empty()) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = "INVALID_PARAMETER_VALUE",
                     .message = "a change of grants names no principal"};
      }
      PIER_TRY(apply_change(id, securable, change));
    }
    return grants(securable);
  });
}

} // namespace pier::catalog

#include "core/identity/permissions.hpp"

#include "core/base/text.hpp"
#include "core/identity/identity_store.hpp"
#include "core/model/permission_level.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace pier::identity {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"sql(
CREATE TABLE identity_objects(type TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (type, id)) STRICT, WITHOUT ROWID;
CREATE TABLE identity_acl(
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  principal TEXT NOT NULL COLLATE NOCASE,
  level TEXT NOT NULL,
  PRIMARY KEY (type, id, kind, principal)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_acl_by_principal ON identity_acl(kind, principal);
)sql"};

constexpr std::string_view k_owner = "IS_OWNER";
constexpr std::string_view k_manage = "CAN_MANAGE";

std::string kind_prefix(model::PrincipalKind kind) {
  switch (kind) {
  case model::PrincipalKind::user: return "UserName";
  case model::PrincipalKind::service_principal: return "ServicePrincipalName";
  case model::PrincipalKind::group: break;
  }
  return "GroupName";
}

Error invalid(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = std::move(message),
               .hint = std::move(hint)};
}

std::string describe_object(const ObjectRef& object) {
  return std::string(answer_type(object.type)) + " '" + object.id + "'";
}

Error unknown_type(std::string_view type) {
  return invalid("'" + std::string(type) + "' is no type of objects with permissions");
}

Error unknown_level(const AccessEntry& entry, std::string_view type) {
  std::vector<std::string> valid;
  for (const auto level : model::levels_of(type)) {
    if (is_grantable(type, level)) {
      valid.emplace_back(level);
    }
  }
  return invalid("'" + entry.level + "' is no permission level of " + std::string(type),
                 "use one of " + join(valid, ", "));
}

class PermissionStore final : public Permissions {
 public:
  PermissionStore(store::Database& database, Identity& identity)
      : database_(database),
        identity_(identity) {}

  Result<void> prepare();

  void describe(std::string type, ObjectRules rules) override {
    rules_.insert_or_assign(std::move(type), std::move(rules));
  }

  Result<bool> exists(const ObjectRef& object) override;
  Result<std::vector<InheritedEntry>> inherited(const ObjectRef& object) override;
  Result<std::vector<AccessEntry>> list(const ObjectRef& object) override;
  Result<void> replace(const ObjectRef& object, const std::vector<AccessEntry>& entries) override;
  Result<void> merge(const ObjectRef& object, const std::vector<AccessEntry>& entries) override;
  Result<void> remove_object(const ObjectRef& object) override;
  Result<void> created(const ObjectRef& object, const Caller& creator) override;
  Result<bool> allows(const Caller& caller, const ObjectRef& object, std::string_view level) override;
  Result<void> require(const Caller& caller, const ObjectRef& object, std::string_view level) override;

 private:
  Result<void> require_exists(const ObjectRef& object);
  Result<std::vector<ObjectRef>> ancestors(const ObjectRef& object);
  Result<std::vector<AccessEntry>> direct(const ObjectRef& object);
  Result<std::vector<AccessEntry>> checked(const ObjectRef& object, const std::vector<AccessEntry>& entries);
  Result<void> store_entries(const ObjectRef& object, const std::vector<AccessEntry>& entries);

  store::Database& database_;
  Identity& identity_;
  std::map<std::string, ObjectRules, std::less<>> rules_;
};

ObjectRef canonical(const ObjectRef& object) {
  return ObjectRef{.type = std::string(canonical_type(object.type)), .id = object.id};
}

bool same_principal(const AccessEntry& a, const AccessEntry& b) {
  return a.kind == b.kind && equals_ignore_case(a.principal, b.principal);
}

/// The last of several entries for one principal counts, as on the real service.
std::vector<AccessEntry> last_of_each(const std::vector<AccessEntry>& entries) {
  std::vector<AccessEntry> out;
  for (const auto& entry : entries) {
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const auto& seen) { return same_principal(seen, entry); });
    if (same != out.end()) {
      same->level = entry.level;
    } else {
      out.push_back(entry);
    }
  }
  return out;
}

Result<void> check_owners(const ObjectRef& object, const std::vector<AccessEntry>& entries) {
  if (!has_owner(object.type)) {
    return {};
  }
  const auto owners = std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.level == k_owner; });
  if (owners != 1) {
    return invalid("The " + std::string(answer_type(object.type)) + " must have exactly one owner.",
                   "give IS_OWNER to one user or service principal");
  }
  return {};
}

Result<void> PermissionStore::prepare() {
  PIER_TRY(database_.ensure_schema("identity_permissions", k_schema));
  identity_.on_removed([this](const model::Principal& principal) -> Result<void> {
    PIER_TRY(database_.execute("DELETE FROM identity_acl WHERE kind = ? AND principal = ?",
                               {std::string(kind_text(principal.kind)), principal.name}));
    return {};
  });
  return {};
}

Result<bool> PermissionStore::exists(const ObjectRef& object) {
  const auto ref = canonical(object);
  if (const auto it = rules_.find(ref.type); it != rules_.end() && it->second.exists) {
    return it->second.exists(ref.id);
  }
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT 1 FROM identity_objects WHERE type = ? AND id = ?", {ref.type, ref.id}));
  return !rows.empty();
}

Result<void> PermissionStore::require_exists(const ObjectRef& object) {
  if (model::levels_of(object.type).empty()) {
    return unknown_type(object.type);
  }
  PIER_TRY_ASSIGN(const bool there, exists(object));
  if (!there) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = describe_object(object) + " does not exist"};
  }
  return {};
}

Result<std::vector<ObjectRef>> PermissionStore::ancestors(const ObjectRef& object) {
  const auto it = rules_.find(object.type);
  if (it == rules_.end() || !it->second.ancestors) {
    return std::vector<ObjectRef>();
  }
  return it->second.ancestors(object.id);
}

Result<std::vector<AccessEntry>> PermissionStore::direct(const ObjectRef& object) {
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT kind, principal, level FROM identity_acl"
                                                   " WHERE type = ? AND id = ? ORDER BY kind DESC, principal",
                                                   {object.type, object.id}));
  std::vector<AccessEntry> out;
  for (const auto& row : rows) {
    out.push_back(AccessEntry{.kind = kind_of_text(row.text(0)), .principal = row.text(1), .level = row.text(2)});
  }
  return out;
}

Result<std::vector<AccessEntry>> PermissionStore::list(const ObjectRef& object) {
  const auto ref = canonical(object);
  PIER_TRY(require_exists(ref));
  return direct(ref);
}

Result<std::vector<InheritedEntry>> PermissionStore::inherited(const ObjectRef& object) {
  const auto ref = canonical(object);
  PIER_TRY(require_exists(ref));
  std::vector<InheritedEntry> out;
  PIER_TRY_ASSIGN(const auto above, ancestors(ref));
  for (const auto& ancestor : above) {
    PIER_TRY_ASSIGN(auto entries, direct(ancestor));
    for (auto& entry : entries) {
      out.push_back(InheritedEntry{.entry = std::move(entry), .from = ancestor});
    }
  }
  if (!is_grantable(ref.type, "CAN_CREATE")) { // everybody may make databases, nobody can be given that
    out.push_back(InheritedEntry{.entry = AccessEntry{.kind = model::PrincipalKind::group,
                                                      .principal = std::string(k_users_group),
                                                      .level = "CAN_CREATE"},
                                 .from = ObjectRef{.type = "root", .id = ""}});
  }
  out.push_back(InheritedEntry{.entry = AccessEntry{.kind = model::PrincipalKind::group,
                                                    .principal = std::string(k_admins_group),
                                                    .level = std::string(k_manage)},
                               .from = ObjectRef{.type = "root", .id = ""}});
  return out;
}

/// The entries with principals spelt as the directory does; refuses what the real service refuses.
Result<std::vector<AccessEntry>> PermissionStore::checked(const ObjectRef& object,
                                                          const std::vector<AccessEntry>& entries) {
  auto out = last_of_each(entries);
  for (auto& entry : out) {
    const auto levels = model::levels_of(object.type);
    if (std::find(levels.begin(), levels.end(), entry.level) == levels.end() ||
        !is_grantable(object.type, entry.level)) {
      return unknown_level(entry, object.type);
    }
    PIER_TRY_ASSIGN(const auto principal, identity_.find(entry.principal));
    if (!principal || principal->kind != entry.kind) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "RESOURCE_DOES_NOT_EXIST",
                   .message = "Principal: " + kind_prefix(entry.kind) + "(" + entry.principal + ") does not exist"};
    }
    if (entry.level == k_owner && entry.kind == model::PrincipalKind::group) {
      return invalid("Group '" + entry.principal + "' cannot be an owner",
                     "give IS_OWNER to a user or a service principal");
    }
    entry.principal = principal->name;
  }
  return out;
}

Result<void> PermissionStore::store_entries(const ObjectRef& object, const std::vector<AccessEntry>& entries) {
  PIER_TRY(check_owners(object, entries));
  PIER_TRY(database_.execute("DELETE FROM identity_acl WHERE type = ? AND id = ?", {object.type, object.id}));
  for (const auto& entry : entries) {
    PIER_TRY(
        database_.execute("INSERT INTO identity_acl(type, id, kind, principal, level) VALUES (?, ?, ?, ?, ?)",
                          {object.type, object.id, std::string(kind_text(entry.kind)), entry.principal, entry.level}));
  }
  return {};
}

Result<void> PermissionStore::replace(const ObjectRef& object, const std::vector<AccessEntry>& entries) {
  const auto ref = canonical(object);
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(require_exists(ref));
    PIER_TRY_ASSIGN(const auto wanted, checked(ref, entries));
    return store_entries(ref, wanted);
  });
}

Result<void> PermissionStore::merge(const ObjectRef& object, const std::vector<AccessEntry>& entries) {
  const auto ref = canonical(object);
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(require_exists(ref));
    PIER_TRY_ASSIGN(const auto wanted, checked(ref, entries));
    PIER_TRY_ASSIGN(auto merged, direct(ref));
    const bool new_owner =
        std::any_of(wanted.begin(), wanted.end(), [](const auto& entry) { return entry.level == k_owner; });
    if (new_owner) {
      // Handing an object on: the former owner goes on managing it.
      for (auto& entry : merged) {
        entry.level = entry.level == k_owner ? std::string(k_manage) : entry.level;
      }
    }
    merged.insert(merged.end(), wanted.begin(), wanted.end());
    return store_entries(ref, last_of_each(merged));
  });
}

Result<void> PermissionStore::remove_object(const ObjectRef& object) {
  const auto ref = canonical(object);
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(database_.execute("DELETE FROM identity_objects WHERE type = ? AND id = ?", {ref.type, ref.id}));
    PIER_TRY(database_.execute("DELETE FROM identity_acl WHERE type = ? AND id = ?", {ref.type, ref.id}));
    return {};
  });
}

Result<void> PermissionStore::created(const ObjectRef& object, const Caller& creator) {
  const auto ref = canonical(object);
  if (model::levels_of(ref.type).empty()) {
    return unknown_type(ref.type);
  }
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(database_.execute("INSERT OR IGNORE INTO identity_objects(type, id) VALUES (?, ?)", {ref.type, ref.id}));
    return store_entries(ref, {AccessEntry{.kind = creator.principal.kind,
                                           .principal = creator.principal.name,
                                           .level = std::string(has_owner(ref.type) ? k_owner : k_manage)}});
  });
}

Result<bool> PermissionStore::allows(const Caller& caller, const ObjectRef& object, std::string_view level) {
  const auto ref = canonical(object);
  PIER_TRY(require_exists(ref));
  if (caller.is_admin) {
    return true;
  }
  PIER_TRY_ASSIGN(auto places, ancestors(ref));
  places.insert(places.begin(), ref);
  for (const auto& place : places) {
    PIER_TRY_ASSIGN(const auto entries, direct(place));
    for (const auto& entry : entries) {
      if (caller.is(entry.principal) && model::includes_level(ref.type, entry.level, level)) {
        return true;
      }
    }
  }
  return false;
}

Result<void> PermissionStore::require(const Caller& caller, const ObjectRef& object, std::string_view level) {
  PIER_TRY_ASSIGN(const bool allowed, allows(caller, object, level));
  if (allowed) {
    return {};
  }
  const auto ref = canonical(object);
  const auto flag = caller.principal.kind == model::PrincipalKind::user ? "user_name" : "service_principal_name";
  return Error{
      .kind = ErrorKind::permission_denied,
      .code = "PERMISSION_DENIED",
      .message = caller.principal.name + " does not have " + std::string(level) + " on " + describe_object(ref),
      .hint = "databricks permissions update " + ref.type + " " + ref.id + " --json '{\"access_control_list\":[{\"" +
              flag + "\":\"" + caller.principal.name + "\",\"permission_level\":\"" + std::string(level) + "\"}]}'"};
}

} // namespace

std::string_view canonical_type(std::string_view type) {
  return type == "warehouses" ? std::string_view("sql/warehouses") : type;
}

std::string_view answer_type(std::string_view type) {
  if (type == "jobs") {
    return "job";
  }
  if (type == "directories") {
    return "directory";
  }
  if (type == "files") {
    return "file";
  }
  if (type == "notebooks") {
    return "notebook";
  }
  return type == "sql/warehouses" ? std::string_view("warehouses") : type;
}

bool has_owner(std::string_view type) {
  return canonical_type(type) == "sql/warehouses" || type == "jobs";
}

bool is_grantable(std::string_view type, std::string_view level) {
  return level != "CAN_CREATE" || !type.starts_with("database-");
}

Result<std::unique_ptr<Permissions>> Permissions::open(store::Database& database, Identity& identity) {
  auto permissions = std::make_unique<PermissionStore>(database, identity);
  PIER_TRY(permissions->prepare());
  return std::unique_ptr<Permissions>(std::move(permissions));
}

} // namespace pier::identity

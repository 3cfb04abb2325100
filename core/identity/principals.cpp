#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/identity/identity_store.hpp"

#include <algorithm>

namespace pier::identity {
namespace {

constexpr std::size_t k_max_name = 255;
constexpr std::size_t k_max_cached_records = 1024;

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

/// Random, so that the id of a removed principal never comes back; exact in a JSON double.
std::int64_t new_id() {
  const auto bytes = random_bytes(7);
  std::int64_t id = 0;
  for (const char byte : bytes) {
    id = (id << 8) | static_cast<unsigned char>(byte);
  }
  return (id & ((std::int64_t{1} << 52) - 1)) | (std::int64_t{1} << 49);
}

Result<void> check_name(model::PrincipalKind kind, std::string_view name) {
  if (name.empty() || name.size() > k_max_name || trim(name) != name || !is_valid_utf8(name) ||
      std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return invalid("a name must have 1 to 255 characters without blanks around it");
  }
  const bool has_at = name.find('@') != std::string_view::npos;
  if (kind == model::PrincipalKind::user && (!has_at || name.find('/') != std::string_view::npos)) {
    return invalid("'" + std::string(name) + "' is no user name: it must be an e-mail address");
  }
  if (kind == model::PrincipalKind::group && equals_ignore_case(name, k_account_users)) {
    return invalid("'account users' means everybody and cannot be made");
  }
  return {};
}

bool is_built_in(const model::Principal& principal) {
  return principal.kind == model::PrincipalKind::group &&
         (principal.name == k_admins_group || principal.name == k_users_group);
}

Error keeps(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

} // namespace

Result<model::Principal> IdentityStore::insert_principal(model::Principal principal) {
  PIER_TRY(check_name(principal.kind, principal.name));
  if (principal.display_name.empty()) {
    principal.display_name = principal.name;
  }
  return database_.transaction([&]() -> Result<model::Principal> {
    principal.id = new_id();
    auto made = database_.execute(
        "INSERT INTO identity_principals(id, kind, name, display_name, created_at) VALUES (?, ?, ?, ?, ?)",
        {principal.id, std::string(kind_text(principal.kind)), principal.name, principal.display_name, now_millis()});
    if (!made && made.error().kind == ErrorKind::already_exists) {
      return Error{.kind = ErrorKind::already_exists,
                   .code = "RESOURCE_ALREADY_EXISTS",
                   .message = "a principal named '" + principal.name + "' already exists"};
    }
    PIER_TRY(std::move(made));
    if (principal.kind != model::PrincipalKind::group) {
      PIER_TRY_ASSIGN(const auto users, group_id(k_users_group));
      PIER_TRY(
          database_.execute("INSERT INTO identity_members(group_id, member_id) VALUES (?, ?)", {users, principal.id}));
    }
    for (const auto& listener : created_) {
      PIER_TRY(listener(principal));
    }
    return principal;
  });
}

Result<model::Principal> IdentityStore::create_user(std::string_view user_name, std::string_view display_name) {
  return insert_principal(model::Principal{
      .kind = model::PrincipalKind::user, .name = std::string(user_name), .display_name = std::string(display_name)});
}

Result<ServicePrincipal> IdentityStore::create_service_principal(std::string_view display_name) {
  return database_.transaction([&]() -> Result<ServicePrincipal> {
    PIER_TRY_ASSIGN(auto principal, insert_principal(model::Principal{.kind = model::PrincipalKind::service_principal,
                                                                      .name = random_uuid(),
                                                                      .display_name = std::string(display_name)}));
    PIER_TRY_ASSIGN(auto secret, create_client_secret(principal.id));
    return ServicePrincipal{.principal = std::move(principal), .client_secret = std::move(secret)};
  });
}

Result<model::Principal> IdentityStore::create_group(std::string_view display_name) {
  return insert_principal(model::Principal{.kind = model::PrincipalKind::group,
                                           .name = std::string(display_name),
                                           .display_name = std::string(display_name)});
}

Result<void> IdentityStore::remove_principal(std::int64_t principal_id) {
  auto removed = database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto principal, load_principal(principal_id));
    PIER_TRY_ASSIGN(const auto owner, owner_id());
    if (is_built_in(principal) || principal_id == owner) {
      return keeps("'" + principal.name + "' belongs to the workspace and cannot be removed");
    }
    for (const auto& listener : removed_) {
      PIER_TRY(listener(principal));
    }
    PIER_TRY(database_.execute("DELETE FROM identity_principals WHERE id = ?", {principal_id}));
    return {};
  });
  forget_cached();
  return removed;
}

Result<void> IdentityStore::add_member(std::int64_t group, std::int64_t member_id) {
  auto added = database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto parent, load_principal(group));
    PIER_TRY_ASSIGN(const auto member, load_principal(member_id));
    if (parent.kind != model::PrincipalKind::group) {
      return invalid("'" + parent.name + "' is no group");
    }
    PIER_TRY_ASSIGN(const auto above, memberships(group));
    const bool circle = group == member_id || std::any_of(above.begin(), above.end(), [&](const Membership& held) {
                          return held.group.id == member_id;
                        });
    if (circle) {
      return invalid("'" + member.name + "' already contains '" + parent.name + "': groups cannot form a circle");
    }
    PIER_TRY(database_.execute("INSERT OR IGNORE INTO identity_members(group_id, member_id) VALUES (?, ?)",
                               {group, member_id}));
    return {};
  });
  forget_cached();
  return added;
}

Result<void> IdentityStore::remove_member(std::int64_t group, std::int64_t member_id) {
  auto removed = database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto parent, load_principal(group));
    PIER_TRY_ASSIGN(const auto member, load_principal(member_id));
    PIER_TRY_ASSIGN(const auto owner, owner_id());
    if (parent.name == k_users_group && member.kind != model::PrincipalKind::group) {
      return keeps("everybody stays in 'users'; deactivate or remove '" + member.name + "' instead");
    }
    if (parent.name == k_admins_group && member_id == owner) {
      return keeps("the owner of the workspace stays in 'admins'");
    }
    PIER_TRY(
        database_.execute("DELETE FROM identity_members WHERE group_id = ? AND member_id = ?", {group, member_id}));
    return {};
  });
  forget_cached();
  return removed;
}

Result<void> IdentityStore::update(std::int64_t principal_id, const PrincipalUpdate& change) {
  auto updated = database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto principal, load_principal(principal_id));
    PIER_TRY_ASSIGN(const auto owner, owner_id());
    if (change.name && *change.name != principal.name) {
      // Grants and access lists name principals, so a new name would silently lose them.
      return invalid("'" + principal.name + "' cannot be renamed: grants name it; make a new one and remove this");
    }
    if (change.active && !*change.active && principal_id == owner) {
      return keeps("the owner of the workspace cannot be deactivated");
    }
    if (change.display_name) {
      PIER_TRY(database_.execute("UPDATE identity_principals SET display_name = ? WHERE id = ?",
                                 {*change.display_name, principal_id}));
    }
    if (change.active) {
      PIER_TRY(database_.execute("UPDATE identity_principals SET active = ? WHERE id = ?",
                                 {static_cast<std::int64_t>(*change.active ? 1 : 0), principal_id}));
    }
    if (change.attributes) {
      PIER_TRY(database_.execute("UPDATE identity_principals SET attributes = ? WHERE id = ?",
                                 {change.attributes->dump(), principal_id}));
    }
    return {};
  });
  forget_cached();
  return updated;
}

Result<std::optional<model::Principal>> IdentityStore::find(std::string_view name) {
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_principals("WHERE name = ?"), {std::string(name)}));
  return rows.empty() ? std::optional<model::Principal>() : std::optional(principal_of(rows.front()));
}

Result<PrincipalRecord> IdentityStore::complete(const store::Row& row) {
  PrincipalRecord out{.principal = principal_of(row), .active = row.integer(4) != 0};
  if (auto attributes = Json::parse(row.text(5)); attributes) {
    out.attributes = *std::move(attributes);
  }
  PIER_TRY_ASSIGN(out.groups, memberships(out.principal.id));
  if (out.principal.kind == model::PrincipalKind::group) {
    PIER_TRY_ASSIGN(const auto members,
                    database_.query(select_principals("WHERE id IN (SELECT member_id FROM identity_members"
                                                      " WHERE group_id = ?) ORDER BY name"),
                                    {out.principal.id}));
    for (const auto& member : members) {
      out.members.push_back(principal_of(member));
    }
  }
  return out;
}

Result<PrincipalRecord> IdentityStore::record(std::int64_t principal_id) {
  std::uint64_t generation = 0;
  {
    auto cache = cache_.lock();
    generation = cache->generation;
    if (const auto it = cache->records.find(principal_id); it != cache->records.end()) {
      return it->second;
    }
  }
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_principals("WHERE id = ?"), {principal_id}));
  if (rows.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "no principal has the id " + std::to_string(principal_id)};
  }
  PIER_TRY_ASSIGN(auto record, complete(rows.front()));
  auto cache = cache_.lock();
  // A group's members change with every new principal; it is asked for rarely.
  if (cache->generation == generation && record.principal.kind != model::PrincipalKind::group) {
    if (cache->records.size() >= k_max_cached_records) {
      cache->records.clear();
    }
    cache->records.insert_or_assign(principal_id, record);
  }
  return record;
}

Result<std::vector<PrincipalRecord>> IdentityStore::records(model::PrincipalKind kind) {
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_principals("WHERE kind = ? ORDER BY created_at, id"),
                                                   {std::string(kind_text(kind))}));
  std::vector<PrincipalRecord> out;
  for (const auto& row : rows) {
    PIER_TRY_ASSIGN(auto record, complete(row));
    out.push_back(std::move(record));
  }
  return out;
}

} // namespace pier::identity

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/catalog/catalog_store.hpp"
#include "core/catalog/privileges.hpp"

#include <algorithm>

namespace pier::catalog {
namespace {

constexpr std::string_view k_information_schema = "information_schema";

Error invalid(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = std::move(message),
               .hint = std::move(hint)};
}

store::Value optional_text(const std::optional<std::string>& text) {
  return text ? store::Value(*text) : store::Value(nullptr);
}

std::string full_name_of(const NewSecurable& wanted) {
  return wanted.parent.empty() ? wanted.name : wanted.parent + "." + wanted.name;
}

bool is_reserved(const SecurableInfo& info) {
  return info.type == SecurableType::schema && info.name == k_information_schema;
}

} // namespace

Result<SecurableInfo> CatalogStore::insert(const NewSecurable& wanted, const std::string& owner, const std::string& id,
                                           const std::string& storage_location) {
  const auto full_name = full_name_of(wanted);
  store::Value parent = nullptr;
  if (wanted.type != SecurableType::metastore) {
    PIER_TRY_ASSIGN(parent, row_id(Securable{.type = container_of(wanted.type), .full_name = wanted.parent}));
  }
  const auto now = to_epoch_millis(clock_.now());
  auto made = database_.execute(
      "INSERT INTO catalog_objects(uuid, type, parent_id, full_name, name, owner, comment, properties, details,"
      " storage_location, created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?)",
      {id, std::string(to_string(wanted.type)), parent, full_name, wanted.name, owner, optional_text(wanted.comment),
       wanted.properties.dump(), (wanted.details.is_null() ? Json::object() : wanted.details).dump(), storage_location,
       now, owner, now, owner});
  if (!made && made.error().kind == ErrorKind::already_exists) {
    std::string word(to_string(wanted.type));
    word.front() = static_cast<char>(word.front() - 'a' + 'A');
    return Error{.kind = ErrorKind::already_exists,
                 .code = "RESOURCE_ALREADY_EXISTS",
                 .message = word + " '" + full_name + "' already exists"};
  }
  PIER_TRY(std::move(made));
  return get(Securable{.type = wanted.type, .full_name = full_name});
}

Result<SecurableInfo> CatalogStore::insert_catalog(const NewSecurable& wanted, const std::string& owner) {
  PIER_TRY_ASSIGN(auto made, insert(wanted, owner, random_uuid(), {}));
  PIER_TRY(insert(NewSecurable{.type = SecurableType::schema, .parent = made.name, .name = "default"}, owner,
                  random_uuid(), {}));
  PIER_TRY(insert(
      NewSecurable{.type = SecurableType::schema, .parent = made.name, .name = std::string(k_information_schema)},
      "System user", random_uuid(), {}));
  // Metadata that filters itself by what the caller may see: open to all who may use the catalog.
  const Securable views{.type = SecurableType::schema,
                        .full_name = made.name + "." + std::string(k_information_schema)};
  PIER_TRY_ASSIGN(const auto id, row_id(views));
  PIER_TRY(apply_change(
      id, views, GrantChange{.principal = std::string(identity::k_account_users), .add = {"USE_SCHEMA", "SELECT"}}));
  return made;
}

/// A folder named like the volume, so that /Volumes/c/s/v can be mapped by name; another one when a renamed
/// volume still lives there.
Result<std::string> CatalogStore::place_volume(const NewSecurable& wanted) {
  const auto parts = split(wanted.parent, '.');
  auto folder = volumes_root_ / parts.at(0) / parts.at(1) / wanted.name;
  std::error_code ignored;
  if (std::filesystem::exists(folder, ignored)) {
    folder += "-" + hex_encode(random_bytes(4));
  }
  PIER_TRY(make_directories(folder, 0700));
  return folder.string();
}

Result<SecurableInfo> CatalogStore::create(const identity::Caller& caller, NewSecurable wanted) {
  PIER_TRY_ASSIGN(wanted.name, checked_name(wanted.name));
  wanted.parent = to_lower(wanted.parent);
  if (!wanted.properties.is_null() && !wanted.properties.is_object()) {
    return invalid("'properties' must be an object of texts");
  }
  return database_.transaction([&]() -> Result<SecurableInfo> {
    const auto privilege = creation_privilege(wanted.type);
    PIER_TRY(require(caller, privilege, Securable{.type = container_of(wanted.type), .full_name = wanted.parent}));
    const auto& owner = caller.principal.name;
    if (wanted.type == SecurableType::catalog) {
      return insert_catalog(wanted, owner);
    }
    if (wanted.parent.ends_with("." + std::string(k_information_schema))) {
      return invalid("nothing can be made in information_schema");
    }
    std::string location;
    if (wanted.type == SecurableType::volume) {
      const bool external = wanted.details.get_string("volume_type", "MANAGED") == "EXTERNAL";
      if (external) {
        PIER_TRY(check_external(caller, "CREATE_EXTERNAL_VOLUME", wanted.storage_location));
        location = wanted.storage_location;
      } else {
        PIER_TRY_ASSIGN(location, place_volume(wanted));
      }
    } else if (wanted.type == SecurableType::external_location) {
      PIER_TRY(check_location_url(wanted));
      location = wanted.storage_location;
    }
    return insert(wanted, owner, random_uuid(), location);
  });
}

Result<void> CatalogStore::create_schema(const identity::Caller& caller, std::string_view catalog,
                                         std::string_view schema, std::string_view comment) {
  PIER_TRY(
      create(caller, NewSecurable{.type = SecurableType::schema,
                                  .parent = std::string(catalog),
                                  .name = std::string(schema),
                                  .comment = comment.empty() ? std::nullopt : std::optional(std::string(comment))}));
  return {};
}

/// New full names for it and all below; storage stays where it is.
Result<void> CatalogStore::rename(const SecurableInfo& info, const std::string& new_name) {
  PIER_TRY_ASSIGN(const auto name, checked_name(new_name));
  if (is_reserved(info) || info.type == SecurableType::metastore) {
    return invalid("'" + info.full_name + "' cannot be renamed");
  }
  const auto dot = info.full_name.rfind('.');
  const auto full_name = dot == std::string::npos ? name : info.full_name.substr(0, dot + 1) + name;
  auto renamed = database_.execute("UPDATE catalog_objects SET name = ?, full_name = ? WHERE uuid = ?",
                                   {name, full_name, info.id});
  if (!renamed && renamed.error().kind == ErrorKind::already_exists) {
    return Error{.kind = ErrorKind::already_exists,
                 .code = "RESOURCE_ALREADY_EXISTS",
                 .message = "'" + full_name + "' already exists"};
  }
  PIER_TRY(std::move(renamed));
  PIER_TRY(database_.execute("WITH RECURSIVE below(id) AS ("
                             "  SELECT c.id FROM catalog_objects c JOIN catalog_objects p ON p.id = c.parent_id"
                             "  WHERE p.uuid = ?1 AND p.type <> 'metastore'"
                             "  UNION ALL SELECT c.id FROM catalog_objects c JOIN below ON c.parent_id = below.id)"
                             "UPDATE catalog_objects SET full_name = ?2 || substr(full_name, length(?3) + 1)"
                             " WHERE id IN (SELECT id FROM below)",
                             {info.id, full_name, info.full_name}));
  return {};
}

Result<SecurableInfo> CatalogStore::update(const identity::Caller& caller, const Securable& securable,
                                           const SecurableUpdate& change) {
  return database_.transaction([&]() -> Result<SecurableInfo> {
    PIER_TRY(require(caller, "MANAGE", securable));
    PIER_TRY_ASSIGN(auto info, get(securable));
    if (change.owner) {
      PIER_TRY(check_grantee(*change.owner));
      info.owner = *change.owner;
    }
    if (change.comment) {
      info.comment = change.comment;
    }
    if (change.properties) {
      info.properties = *change.properties;
    }
    if (change.details && change.details->is_object()) {
      for (const auto& [key, value] : change.details->as_object()) {
        info.details[key] = value;
      }
    }
    PIER_TRY(database_.execute("UPDATE catalog_objects SET owner = ?, comment = ?, properties = ?, details = ?,"
                               " updated_at = ?, updated_by = ? WHERE uuid = ?",
                               {info.owner, optional_text(info.comment), info.properties.dump(), info.details.dump(),
                                to_epoch_millis(clock_.now()), caller.principal.name, info.id}));
    if (change.new_name && to_lower(*change.new_name) != info.name) {
      PIER_TRY(rename(info, *change.new_name));
      const auto dot = info.full_name.rfind('.');
      const auto prefix = dot == std::string::npos ? std::string() : info.full_name.substr(0, dot + 1);
      return get(Securable{.type = info.type, .full_name = prefix + to_lower(*change.new_name)});
    }
    return get(securable);
  });
}

/// Removes the rows bottom up and collects the managed folders to remove once that is durable.
Result<void> CatalogStore::drop_tree(const SecurableInfo& info, bool force,
                                     std::vector<std::filesystem::path>& folders) {
  PIER_TRY_ASSIGN(const auto below, database_.query("SELECT " + std::string(columns_of_objects()) +
                                                        " FROM catalog_objects o JOIN catalog_objects p"
                                                        " ON p.id = o.parent_id WHERE p.uuid = ?",
                                                    {info.id}));
  for (const auto& row : below) {
    const auto child = info_of(row);
    const bool comes_with_it = info.type == SecurableType::catalog && is_reserved(child);
    PIER_TRY_ASSIGN(const auto inside, database_.query("SELECT 1 FROM catalog_objects o JOIN catalog_objects p"
                                                       " ON p.id = o.parent_id WHERE p.uuid = ? LIMIT 1",
                                                       {child.id}));
    const bool empty_default = info.type == SecurableType::catalog && child.name == "default" && inside.empty();
    if (!force && !comes_with_it && !empty_default) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_STATE",
                   .message = "'" + info.full_name + "' is not empty: it holds " + std::string(to_string(child.type)) +
                              " '" + child.full_name + "'",
                   .hint = "remove that first, or remove everything with force"};
    }
    PIER_TRY(drop_tree(child, force, folders));
  }
  const bool managed_table = info.type == SecurableType::table && is_inside(lake_root_, info.storage_location);
  const bool managed_volume = info.type == SecurableType::volume && is_inside(volumes_root_, info.storage_location);
  if (managed_table || managed_volume) {
    folders.emplace_back(info.storage_location);
  }
  PIER_TRY(database_.execute("DELETE FROM catalog_objects WHERE uuid = ?", {info.id}));
  return {};
}

Result<void> CatalogStore::drop(const identity::Caller& caller, const Securable& securable, bool force) {
  std::vector<std::filesystem::path> folders;
  auto dropped = database_.transaction([&]() -> Result<void> {
    PIER_TRY(require(caller, "MANAGE", securable));
    PIER_TRY_ASSIGN(const auto info, get(securable));
    if (is_reserved(info) || info.type == SecurableType::metastore) {
      return invalid("'" + info.full_name + "' cannot be removed");
    }
    return drop_tree(info, force, folders);
  });
  PIER_TRY(std::move(dropped));
  for (const auto& folder : folders) {
    [[maybe_unused]] const auto leftovers_go_at_next_start = remove_tree(folder);
  }
  return {};
}

Result<void> CatalogStore::drop_schema(const identity::Caller& caller, std::string_view catalog,
                                       std::string_view schema, bool cascade) {
  return drop(caller,
              Securable{.type = SecurableType::schema, .full_name = std::string(catalog) + "." + std::string(schema)},
              cascade);
}

} // namespace pier::catalog

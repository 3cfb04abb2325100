#include "core/catalog/catalog_store.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/catalog/privileges.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace pier::catalog {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"sql(
CREATE TABLE catalog_objects(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  parent_id INTEGER REFERENCES catalog_objects(id),
  full_name TEXT NOT NULL,
  name TEXT NOT NULL,
  owner TEXT NOT NULL COLLATE NOCASE,
  comment TEXT,
  properties TEXT NOT NULL,
  details TEXT NOT NULL,
  storage_location TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  UNIQUE (type, full_name)
) STRICT;
CREATE INDEX catalog_objects_by_parent ON catalog_objects(parent_id, type, name);
CREATE INDEX catalog_objects_by_owner ON catalog_objects(owner);
CREATE TABLE catalog_grants(
  object_id INTEGER NOT NULL REFERENCES catalog_objects(id) ON DELETE CASCADE,
  principal TEXT NOT NULL COLLATE NOCASE,
  privilege TEXT NOT NULL,
  PRIMARY KEY (object_id, principal, privilege)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_grants_by_principal ON catalog_grants(principal);
)sql"};

constexpr std::size_t k_max_name = 255;

std::string part_of(std::string_view full_name, std::size_t index) {
  const auto parts = split(full_name, '.');
  return index < parts.size() ? parts[index] : std::string();
}

} // namespace

std::string SecurableInfo::catalog_name() const {
  return part_of(full_name, 0);
}

std::string SecurableInfo::schema_name() const {
  return part_of(full_name, 1);
}

Result<std::string> checked_name(std::string_view name) {
  const bool bad = name.empty() || name.size() > k_max_name || !is_valid_utf8(name) ||
                   std::any_of(name.begin(), name.end(), [](char c) {
                     const auto code = static_cast<unsigned char>(c);
                     return code <= 0x20 || code == 0x7F || c == '.' || c == '/';
                   });
  if (bad) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "'" + std::string(name.substr(0, k_max_name)) +
                            "' is no valid name: 1 to 255 characters without dots, slashes and blanks"};
  }
  return to_lower(name);
}

std::string_view columns_of_objects() {
  return "o.uuid, o.type, o.full_name, o.name, o.owner, o.comment, o.properties, o.details, o.storage_location,"
         " o.created_at, o.created_by, o.updated_at, o.updated_by";
}

SecurableInfo info_of(const store::Row& row) {
  SecurableInfo info{.id = row.text(0),
                     .full_name = row.text(2),
                     .name = row.text(3),
                     .owner = row.text(4),
                     .storage_location = row.text(8),
                     .created_at = row.integer(9),
                     .created_by = row.text(10),
                     .updated_at = row.integer(11),
                     .updated_by = row.text(12)};
  if (const auto type = parse_securable_type(row.text(1)); type) {
    info.type = *type;
  }
  if (!row.is_null(5)) {
    info.comment = row.text(5);
  }
  if (auto properties = Json::parse(row.text(6)); properties) {
    info.properties = *std::move(properties);
  }
  if (auto details = Json::parse(row.text(7)); details) {
    info.details = *std::move(details);
  }
  return info;
}

Result<std::unique_ptr<Catalog>> Catalog::open(store::Database& database, const Clock& clock,
                                               std::filesystem::path lake_root, std::filesystem::path volumes_root,
                                               identity::Identity* identity) {
  auto catalog =
      std::make_unique<CatalogStore>(database, clock, std::move(lake_root), std::move(volumes_root), identity);
  PIER_TRY(catalog->prepare());
  return std::unique_ptr<Catalog>(std::move(catalog));
}

Result<void> CatalogStore::prepare() {
  PIER_TRY(database_.ensure_schema("catalog", k_schema));
  PIER_TRY(make_defaults());
  remove_unknown_folders();
  if (identity_ != nullptr) {
    identity_->on_removed([this](const model::Principal& principal) { return forget_principal(principal); });
  }
  return {};
}

Result<std::string> CatalogStore::owner_name() {
  if (identity_ == nullptr) {
    return std::string("owner@pier.local");
  }
  PIER_TRY_ASSIGN(const auto owner, identity_->owner());
  return owner.principal.name;
}

Result<void> CatalogStore::make_defaults() {
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT 1 FROM catalog_objects WHERE type = 'metastore'"));
    if (!rows.empty()) {
      return {};
    }
    PIER_TRY_ASSIGN(const auto owner, owner_name());
    PIER_TRY(insert(NewSecurable{.type = SecurableType::metastore, .name = "pier"}, owner, random_uuid(), {}));
    PIER_TRY(insert_catalog(NewSecurable{.type = SecurableType::catalog, .name = "main"}, owner));
    // As on Databricks: everybody may enter the first catalog, and finds in it what they were granted.
    PIER_TRY(
        database_.execute("INSERT INTO catalog_grants(object_id, principal, privilege) SELECT id, ?, 'USE_CATALOG' "
                          "FROM catalog_objects WHERE type = 'catalog' AND name = 'main'",
                          {std::string(identity::k_account_users)}));
    return {};
  });
}

/// What a crash between the removal of metadata and of its folder left behind.
void CatalogStore::remove_unknown_folders() {
  const auto rows = database_.query("SELECT uuid FROM catalog_objects WHERE type = 'table'");
  if (!rows) {
    return;
  }
  std::set<std::string, std::less<>> known;
  for (const auto& row : *rows) {
    known.insert(row.text(0));
  }
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(lake_root_ / "tables", ignored)) {
    if (!known.contains(entry.path().filename().string())) {
      [[maybe_unused]] const auto best_effort = remove_tree(entry.path());
    }
  }
}

/// A namesake made later must not find the grants or objects of the one who left.
Result<void> CatalogStore::forget_principal(const model::Principal& principal) {
  PIER_TRY(database_.execute("DELETE FROM catalog_grants WHERE principal = ?", {principal.name}));
  PIER_TRY_ASSIGN(const auto owner, owner_name());
  PIER_TRY(database_.execute("UPDATE catalog_objects SET owner = ? WHERE owner = ?", {owner, principal.name}));
  return {};
}

Result<std::string> CatalogStore::metastore_id() {
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT uuid FROM catalog_objects WHERE type = 'metastore'"));
  return rows.empty() ? std::string() : rows.front().text(0);
}

Result<std::int64_t> CatalogStore::row_id(const Securable& securable) {
  const bool is_metastore = securable.type == SecurableType::metastore;
  PIER_TRY_ASSIGN(const auto rows,
                  is_metastore
                      ? database_.query("SELECT id FROM catalog_objects WHERE type = 'metastore'")
                      : database_.query("SELECT id FROM catalog_objects WHERE type = ? AND full_name = ?",
                                        {std::string(to_string(securable.type)), to_lower(securable.full_name)}));
  if (rows.empty()) {
    return missing(securable);
  }
  return rows.front().integer(0);
}

/// The error that names the first part of the full name that is not there.
Error CatalogStore::missing(const Securable& securable) {
  const auto full_name = to_lower(securable.full_name);
  const auto dot = full_name.rfind('.');
  if (dot != std::string::npos && securable.type != SecurableType::external_location) {
    const Securable parent{.type = container_of(securable.type), .full_name = full_name.substr(0, dot)};
    const auto rows = database_.query("SELECT 1 FROM catalog_objects WHERE type = ? AND full_name = ?",
                                      {std::string(to_string(parent.type)), parent.full_name});
    if (rows && rows->empty() && parent.type != SecurableType::metastore) {
      return missing(parent);
    }
  }
  std::string word(to_string(securable.type));
  auto code = to_upper(word) + "_DOES_NOT_EXIST";
  word.front() = static_cast<char>(word.front() - 'a' + 'A');
  std::replace(word.begin(), word.end(), '_', ' ');
  return Error{
      .kind = ErrorKind::not_found, .code = std::move(code), .message = word + " '" + full_name + "' does not exist."};
}

Result<SecurableInfo> CatalogStore::get(const Securable& securable) {
  PIER_TRY_ASSIGN(const auto id, row_id(securable));
  PIER_TRY_ASSIGN(
      const auto rows,
      database_.query("SELECT " + std::string(columns_of_objects()) + " FROM catalog_objects o WHERE o.id = ?", {id}));
  if (rows.empty()) {
    return missing(securable);
  }
  return info_of(rows.front());
}

Result<std::vector<SecurableInfo>> CatalogStore::children(SecurableType type, std::string_view parent) {
  PIER_TRY_ASSIGN(const auto id, row_id(Securable{.type = container_of(type), .full_name = std::string(parent)}));
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT " + std::string(columns_of_objects()) +
                                                       " FROM catalog_objects o WHERE o.parent_id = ? AND o.type = ?"
                                                       " ORDER BY o.name",
                                                   {id, std::string(to_string(type))}));
  std::vector<SecurableInfo> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    out.push_back(info_of(row));
  }
  return out;
}

Result<bool> CatalogStore::schema_exists(std::string_view catalog, std::string_view schema) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT 1 FROM catalog_objects WHERE type = 'schema' AND full_name = ?",
                                  {to_lower(std::string(catalog) + "." + std::string(schema))}));
  return !rows.empty();
}

Result<std::vector<std::string>> CatalogStore::catalog_names() {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT name FROM catalog_objects WHERE type = 'catalog' ORDER BY name"));
  std::vector<std::string> out;
  for (const auto& row : rows) {
    out.push_back(row.text(0));
  }
  return out;
}

Result<std::vector<std::string>> CatalogStore::schema_names(std::string_view catalog) {
  PIER_TRY_ASSIGN(const auto id, row_id(Securable{.type = SecurableType::catalog, .full_name = std::string(catalog)}));
  PIER_TRY_ASSIGN(
      const auto rows,
      database_.query("SELECT name FROM catalog_objects WHERE parent_id = ? AND type = 'schema' ORDER BY name", {id}));
  std::vector<std::string> out;
  for (const auto& row : rows) {
    out.push_back(row.text(0));
  }
  return out;
}

} // namespace pier::catalog

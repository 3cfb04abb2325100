#pragma once

#include "core/base/files.hpp"
#include "core/catalog/catalog.hpp"

#include <string_view>

namespace pier::catalog {

/// A workspace with its owner ada, a stranger bob and a group.
struct CatalogFixture {
  SystemClock clock;
  TempDirectory home = *TempDirectory::create();
  std::unique_ptr<store::Database> database = *store::Database::open(":memory:");
  std::unique_ptr<identity::Identity> identity = *identity::Identity::open(*database, clock, "ada@pier.local");
  std::unique_ptr<Catalog> catalog =
      *Catalog::open(*database, clock, home.path() / "lake", home.path() / "volumes", identity.get());
  identity::Caller ada = *identity->owner();
  identity::Caller bob = *identity->caller_of(identity->create_user("bob@pier.local", {})->id);

  /// Nobody has any right but the owner.
  CatalogFixture() {
    const Securable main{.type = SecurableType::catalog, .full_name = "main"};
    *catalog->change_grants(ada, main, {GrantChange{.principal = "account users", .remove = {"USE_CATALOG"}}});
  }

  Result<void> grant(const Securable& on, const std::string& to, std::vector<std::string> privileges) {
    PIER_TRY(catalog->change_grants(ada, on, {GrantChange{.principal = to, .add = std::move(privileges)}}));
    return {};
  }

  TableInfo make_table(std::string_view name) {
    return *catalog->create_table(
        ada, TableInfo{.name = *model::TableName::parse(name),
                       .columns = {ColumnInfo{.name = "id", .type_text = "bigint", .type_name = "LONG"},
                                   ColumnInfo{.name = "region", .type_text = "string", .type_name = "STRING"}}});
  }
};

inline Securable catalog_ref(std::string_view name) {
  return Securable{.type = SecurableType::catalog, .full_name = std::string(name)};
}

inline Securable schema_ref(std::string_view name) {
  return Securable{.type = SecurableType::schema, .full_name = std::string(name)};
}

inline Securable table_ref(std::string_view name) {
  return Securable{.type = SecurableType::table, .full_name = std::string(name)};
}

} // namespace pier::catalog

#pragma once

#include "core/catalog/catalog.hpp"

#include <functional>

namespace pier::catalog {

/// One securable of a chain with what was granted on it.
struct ChainLink {
  std::int64_t row_id = 0;
  Securable securable;
  std::string owner;
  std::vector<Grant> grants; ///< one principal each
};

/// From the securable itself up to the metastore.
using Chain = std::vector<ChainLink>;

/// Whether the caller holds a privilege at links[from] or above, by ownership, grant or inheritance. Pure.
bool holds_privilege(const identity::Caller& caller, std::string_view privilege, const Chain& links, std::size_t from);

/// The first privilege that is missing for an operation, with USE_CATALOG and USE_SCHEMA on the way; empty if none.
struct Missing {
  std::string privilege;
  Securable securable;
};

std::optional<Missing> first_missing(const identity::Caller& caller, std::string_view privilege, const Chain& links);

/// Catalog over SQLite. Private to this room.
class CatalogStore final : public Catalog {
 public:
  CatalogStore(store::Database& database, const Clock& clock, std::filesystem::path lake_root,
               std::filesystem::path volumes_root, identity::Identity* identity)
      : database_(database),
        clock_(clock),
        lake_root_(std::move(lake_root)),
        volumes_root_(std::move(volumes_root)),
        identity_(identity) {}

  Result<void> prepare();

  Result<TableInfo> table(const model::TableName& name) override;
  Result<std::vector<TableInfo>> tables(std::string_view catalog, std::string_view schema) override;
  Result<TableInfo> create_table(const identity::Caller& caller, TableInfo info) override;
  Result<void> update_columns(const model::TableName& name, std::vector<ColumnInfo> columns) override;
  Result<void> drop_table(const identity::Caller& caller, const model::TableName& name) override;
  Result<TableInfo> update_table(const identity::Caller& caller, const model::TableName& name,
                                 const TableUpdate& change) override;
  Result<void> set_row_filter(const identity::Caller& caller, const model::TableName& name,
                              std::optional<RowFilter> filter) override;
  Result<void> set_column_mask(const identity::Caller& caller, const model::TableName& name, std::string_view column,
                               std::optional<ColumnMask> mask) override;

  Result<bool> schema_exists(std::string_view catalog, std::string_view schema) override;
  Result<std::vector<std::string>> catalog_names() override;
  Result<std::vector<std::string>> schema_names(std::string_view catalog) override;
  Result<void> create_schema(const identity::Caller& caller, std::string_view catalog, std::string_view schema,
                             std::string_view comment) override;
  Result<void> drop_schema(const identity::Caller& caller, std::string_view catalog, std::string_view schema,
                           bool cascade) override;
  Result<std::filesystem::path> volume_folder(std::string_view full_name) override;

  Result<void> require(const identity::Caller& caller, std::string_view privilege, const Securable& securable) override;
  Result<std::vector<Grant>> grants(const Securable& securable) override;
  Result<std::vector<Grant>> change_grants(const identity::Caller& caller, const Securable& securable,
                                           const std::vector<GrantChange>& changes) override;
  Result<bool> is_visible(const identity::Caller& caller, const Securable& securable) override;
  Result<std::vector<EffectiveGrant>> effective_grants(const Securable& securable) override;
  Result<bool> may_manage(const identity::Caller& caller, const Securable& securable) override;

  Result<SecurableInfo> get(const Securable& securable) override;
  Result<std::vector<SecurableInfo>> children(SecurableType type, std::string_view parent) override;
  Result<SecurableInfo> create(const identity::Caller& caller, NewSecurable wanted) override;
  Result<SecurableInfo> update(const identity::Caller& caller, const Securable& securable,
                               const SecurableUpdate& change) override;
  Result<void> drop(const identity::Caller& caller, const Securable& securable, bool force) override;

  Result<void> require_path(const identity::Caller& caller, const std::filesystem::path& path, bool write) override;
  Result<std::vector<std::filesystem::path>> readable_folders(const identity::Caller& caller) override;
  Result<std::string> metastore_id() override;

 private:
  Result<void> make_defaults();
  Result<std::string> owner_name();
  Result<void> forget_principal(const model::Principal& principal);
  void remove_unknown_folders();

  Result<Chain> chain(const Securable& securable);
  Error missing(const Securable& securable);
  Result<std::int64_t> row_id(const Securable& securable);
  Result<SecurableInfo> insert(const NewSecurable& wanted, const std::string& owner, const std::string& id,
                               const std::string& storage_location);
  Result<SecurableInfo> insert_catalog(const NewSecurable& wanted, const std::string& owner);
  Result<std::string> place_volume(const NewSecurable& wanted);
  Result<void> check_external(const identity::Caller& caller, std::string_view privilege, std::string_view location);
  Result<void> check_location_url(const NewSecurable& wanted);
  Result<void> rename(const SecurableInfo& info, const std::string& new_name);
  Result<void> drop_tree(const SecurableInfo& info, bool force, std::vector<std::filesystem::path>& folders);
  Result<void> apply_change(std::int64_t id, const Securable& securable, const GrantChange& change);
  Result<void> check_grantee(const std::string& principal);
  Result<void> save_details(const Securable& securable, const Json& details, const std::string& by);
  [[nodiscard]] bool is_inside(const std::filesystem::path& root, const std::filesystem::path& path) const;

  store::Database& database_;
  const Clock& clock_;
  std::filesystem::path lake_root_;
  std::filesystem::path volumes_root_;
  identity::Identity* identity_;
};

std::string_view columns_of_objects();
SecurableInfo info_of(const store::Row& row);
/// The name lower-cased; error INVALID_PARAMETER_VALUE for what no securable may be called.
Result<std::string> checked_name(std::string_view name);
TableInfo table_of(const SecurableInfo& info);
Json details_of(const TableInfo& table);
Securable securable_of(const model::TableName& name);

} // namespace pier::catalog

#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/catalog/securables.hpp"
#include "core/identity/identity.hpp"
#include "core/model/table_name.hpp"
#include "core/store/database.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::catalog {

struct Grant {
  std::string principal;
  std::vector<std::string> privileges; ///< "SELECT", "USE_SCHEMA", "ALL_PRIVILEGES" …
};

struct GrantChange {
  std::string principal;
  std::vector<std::string> add;
  std::vector<std::string> remove; ///< applied before add
};

/// A SQL function that decides per row; false and NULL hide it.
struct RowFilter {
  std::string function_name; ///< "c.s.f"
  std::vector<std::string> input_column_names;
  bool operator==(const RowFilter&) const = default;
};

/// A SQL function whose result stands in for the column; its first argument is the column.
struct ColumnMask {
  std::string function_name;
  std::vector<std::string> using_column_names;
  bool operator==(const ColumnMask&) const = default;
};

struct ColumnInfo {
  std::string name;
  std::string type_text; ///< "decimal(10,2)"
  std::string type_name; ///< "DECIMAL"
  std::string type_json; ///< Spark's JSON of the type
  bool nullable = true;
  std::string comment;
  std::optional<ColumnMask> mask;
  std::optional<std::int64_t> partition_index;
};

struct TableInfo {
  model::TableName name;
  std::string table_type = "MANAGED"; ///< MANAGED, EXTERNAL, VIEW
  std::string data_source_format = "DELTA";
  std::string storage_location; ///< absolute folder path (no scheme) for Delta tables
  std::string view_definition;
  std::string comment;
  std::string owner;
  std::string table_id;
  std::vector<ColumnInfo> columns;
  std::int64_t created_at = 0; ///< epoch milliseconds
  std::int64_t updated_at = 0;
  std::string created_by;
  std::string updated_by;
  std::optional<RowFilter> row_filter;
  Json properties;  ///< object, or null
  Json constraints; ///< array of table_constraints as in the REST API, or null
};

/// What changes of a table; absent members stay as they are.
struct TableUpdate {
  std::optional<std::string> comment;
  std::optional<std::string> view_definition;
  std::optional<Json> properties;
  std::optional<Json> constraints;
};

/// Unity Catalog of the local workspace: catalogs, schemas, tables, volumes, grants and who may do what
/// (SQLite tables `catalog_*`). Metadata only: the lake writes the data; folders of managed tables and volumes
/// are removed here after the metadata is gone. Full objects for the REST layer (catalogs, schemas, volumes,
/// functions, external locations) are SecurableInfo. Names are lower-cased. Thread-safe.
class Catalog {
 public:
  /// lake_root: where managed tables live (tables/<id>); volumes_root: where managed volumes live
  /// (<catalog>/<schema>/<volume>). A new database gets the catalog `main` with the schema `default`, owned by
  /// the workspace's owner. With an identity, principals of grants must exist and removed ones lose theirs.
  static Result<std::unique_ptr<Catalog>> open(store::Database& database, const Clock& clock,
                                               std::filesystem::path lake_root, std::filesystem::path volumes_root,
                                               identity::Identity* identity = nullptr);
  virtual ~Catalog() = default;

  virtual Result<TableInfo> table(const model::TableName& name) = 0; ///< not_found: TABLE_DOES_NOT_EXIST
  virtual Result<std::vector<TableInfo>> tables(std::string_view catalog, std::string_view schema) = 0;
  /// Registers; storage_location empty: a managed folder is chosen and written into the result.
  virtual Result<TableInfo> create_table(const identity::Caller& caller, TableInfo info) = 0;
  virtual Result<void> update_columns(const model::TableName& name, std::vector<ColumnInfo> columns) = 0;
  virtual Result<void> drop_table(const identity::Caller& caller, const model::TableName& name) = 0;

  virtual Result<bool> schema_exists(std::string_view catalog, std::string_view schema) = 0;
  virtual Result<std::vector<std::string>> catalog_names() = 0;
  virtual Result<std::vector<std::string>> schema_names(std::string_view catalog) = 0;
  virtual Result<void> create_schema(const identity::Caller& caller, std::string_view catalog, std::string_view schema,
                                     std::string_view comment) = 0;
  virtual Result<void> drop_schema(const identity::Caller& caller, std::string_view catalog, std::string_view schema,
                                   bool cascade) = 0;

  /// Folder of a volume; for /Volumes/c/s/v/… paths.
  virtual Result<std::filesystem::path> volume_folder(std::string_view full_name) = 0;

  /// Privileges that hold by grant, by ownership or by inheritance (schema, catalog), with USE_CATALOG and
  /// USE_SCHEMA on the way. Error permission_denied names privilege, securable and the GRANT that helps.
  virtual Result<void> require(const identity::Caller& caller, std::string_view privilege,
                               const Securable& securable) = 0;
  virtual Result<std::vector<Grant>> grants(const Securable& securable) = 0;
  virtual Result<std::vector<Grant>> change_grants(const identity::Caller& caller, const Securable& securable,
                                                   const std::vector<GrantChange>& changes) = 0;

  /// Error *_DOES_NOT_EXIST that names the first part that is missing.
  virtual Result<SecurableInfo> get(const Securable& securable) = 0;
  /// Everything of a type in a container (empty: the metastore), by name; unfiltered.
  virtual Result<std::vector<SecurableInfo>> children(SecurableType type, std::string_view parent) = 0;
  /// Needs the creation privilege on the container. Tables are made by create_table.
  virtual Result<SecurableInfo> create(const identity::Caller& caller, NewSecurable wanted) = 0;
  /// Needs MANAGE (or ownership) on it; a change of comment or properties too.
  virtual Result<SecurableInfo> update(const identity::Caller& caller, const Securable& securable,
                                       const SecurableUpdate& change) = 0;
  /// force: with everything in it; else a container must be empty.
  virtual Result<void> drop(const identity::Caller& caller, const Securable& securable, bool force) = 0;
  /// Whether lists show it to the caller: ownership, BROWSE, or any privilege on it.
  virtual Result<bool> is_visible(const identity::Caller& caller, const Securable& securable) = 0;
  virtual Result<std::vector<EffectiveGrant>> effective_grants(const Securable& securable) = 0;
  /// True when the caller may see the grants of others: owner of it or of a container, or MANAGE.
  virtual Result<bool> may_manage(const identity::Caller& caller, const Securable& securable) = 0;

  virtual Result<TableInfo> update_table(const identity::Caller& caller, const model::TableName& name,
                                         const TableUpdate& change) = 0;
  /// Both need MANAGE on the table and EXECUTE on the function; nothing removes it.
  virtual Result<void> set_row_filter(const identity::Caller& caller, const model::TableName& name,
                                      std::optional<RowFilter> filter) = 0;
  virtual Result<void> set_column_mask(const identity::Caller& caller, const model::TableName& name,
                                       std::string_view column, std::optional<ColumnMask> mask) = 0;

  /// For paths outside the lake: READ_VOLUME/WRITE_VOLUME of the volume or READ_FILES/WRITE_FILES of the external
  /// location that contains the absolute, normalised path. permission_denied when nothing contains it.
  virtual Result<void> require_path(const identity::Caller& caller, const std::filesystem::path& path, bool write) = 0;
  /// Folders outside the lake that the caller may read: volumes and external locations.
  virtual Result<std::vector<std::filesystem::path>> readable_folders(const identity::Caller& caller) = 0;

  virtual Result<std::string> metastore_id() = 0;
};

} // namespace pier::catalog

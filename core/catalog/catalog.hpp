#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
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

enum class SecurableType { metastore, catalog, schema, table, volume, function, external_location };

/// "schema" ↔ SecurableType::schema, as in REST paths.
std::string_view to_string(SecurableType type);
Result<SecurableType> parse_securable_type(std::string_view text);

struct Securable {
  SecurableType type = SecurableType::catalog;
  std::string full_name; ///< "main.gold.delays"
};

struct Grant {
  std::string principal;
  std::vector<std::string> privileges; ///< "SELECT", "USE_SCHEMA", "ALL_PRIVILEGES" …
};

struct GrantChange {
  std::string principal;
  std::vector<std::string> add;
  std::vector<std::string> remove; ///< applied before add
};

struct ColumnInfo {
  std::string name;
  std::string type_text; ///< "decimal(10,2)"
  std::string type_name; ///< "DECIMAL"
  std::string type_json; ///< Spark's JSON of the type
  bool nullable = true;
  std::string comment;
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
};

/// Unity Catalog of the local workspace: catalogs, schemas, tables, volumes, grants and who may do what
/// (SQLite tables `catalog_*`). Metadata only: the lake owns the data. Full objects for the REST layer
/// (catalogs, schemas, volumes, functions) are in securables.hpp. Thread-safe.
class Catalog {
 public:
  /// lake_root: where managed tables live; volumes_root: where managed volumes live.
  static Result<std::unique_ptr<Catalog>> open(store::Database& database, const Clock& clock,
                                               std::filesystem::path lake_root, std::filesystem::path volumes_root);
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
};

} // namespace pier::catalog

#include "core/sync/table_target.hpp"

#include "core/base/text.hpp"
#include "core/lakebase/lakebase.hpp"

namespace pier::sync {
namespace {

using lakebase::PgConnection;
using lakebase::quote_identifier;
using lakebase::quote_literal;

struct Existing {
  std::string owner;
  bool synced = false;         ///< has a sync_state row
  bool has_dependents = false; ///< views or foreign keys
  std::string shape;           ///< names and types of its columns
};

/// Names and types in order, to compare two tables.
std::string shape_sql(const std::string& relation) {
  return "(SELECT string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) "
         "FROM pg_attribute WHERE attrelid = " +
         relation + " AND attnum > 0 AND NOT attisdropped)";
}

Result<std::optional<Existing>> look_at(PgConnection& connection, const TableTarget& target) {
  PIER_TRY_ASSIGN(
      const auto rows,
      connection.query(
          "SELECT r.rolname, EXISTS (SELECT FROM pier.sync_state s WHERE s.schema_name = $1 AND "
          "s.table_name = $2), EXISTS (SELECT FROM pg_depend d WHERE d.refobjid = c.oid AND d.deptype = "
          "'n' AND d.classid IN ('pg_rewrite'::regclass, 'pg_constraint'::regclass, 'pg_policy'::regclass)), " +
              shape_sql("c.oid") +
              " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = "
              "c.relowner WHERE n.nspname = $1 AND c.relname = $2",
          {target.schema, target.table}));
  if (rows.empty()) {
    return std::optional<Existing>();
  }
  return std::optional(Existing{.owner = rows.text(0, 0),
                                .synced = rows.text(0, 1) == "t",
                                .has_dependents = rows.text(0, 2) == "t",
                                .shape = rows.text(0, 3)});
}

/// SELECT for the readers of this database and, with the right to pass it on, for the instance's superusers.
Result<void> grant_reading(PgConnection& connection, const std::string& relation, const TableTarget& target) {
  PIER_TRY(connection.execute("GRANT SELECT ON " + relation + " TO " + quote_identifier(target.readers_role)));
  return connection.execute("GRANT SELECT ON " + relation + " TO " + std::string(lakebase::k_superuser_role) +
                            " WITH GRANT OPTION");
}

Result<void> copy_grants(PgConnection& connection, const std::string& from, const std::string& to) {
  PIER_TRY_ASSIGN(
      const auto rows,
      connection.query("SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END, "
                       "a.is_grantable FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid "
                       "= a.grantee WHERE c.oid = $1::regclass AND a.privilege_type = 'SELECT' AND a.grantee "
                       "<> c.relowner AND (a.grantee = 0 OR r.rolname IS NOT NULL)",
                       {from}));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    PIER_TRY(connection.execute("GRANT SELECT ON " + to + " TO " + rows.text(row, 0) +
                                (rows.text(row, 1) == "t" ? " WITH GRANT OPTION" : "")));
  }
  return {};
}

Result<void> protect(PgConnection& connection, const std::string& relation) {
  // pg_write_all_data would open it; ownership already stops everybody else.
  return connection.execute("CREATE TRIGGER pier_read_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON " +
                            relation + " FOR EACH STATEMENT EXECUTE FUNCTION pier.refuse_write()");
}

} // namespace

std::string TableTarget::quoted() const {
  return quote_identifier(schema) + "." + quote_identifier(table);
}

Result<std::optional<SyncState>> read_sync_state(PgConnection& connection, const TableTarget& target) {
  PIER_TRY_ASSIGN(
      const auto rows,
      connection.query("SELECT s.version, s.row_count FROM pier.sync_state s JOIN pg_namespace n ON n.nspname "
                       "= s.schema_name JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = "
                       "s.table_name JOIN pg_roles r ON r.oid = c.relowner AND r.rolname = 'pier_system' "
                       "WHERE s.schema_name = $1 AND s.table_name = $2 AND s.source = $3",
                       {target.schema, target.table, target.source}));
  SyncState state;
  if (rows.empty() || !parse_int64(rows.text(0, 0), state.version) || !parse_int64(rows.text(0, 1), state.rows)) {
    return std::optional<SyncState>();
  }
  return std::optional(state);
}

Result<void> write_sync_state(PgConnection& connection, const TableTarget& target, const SyncState& state) {
  PIER_TRY(connection.change(
      "INSERT INTO pier.sync_state (schema_name, table_name, source, version, row_count) VALUES "
      "($1, $2, $3, $4::bigint, $5::bigint) ON CONFLICT (schema_name, table_name) DO UPDATE SET "
      "source = excluded.source, version = excluded.version, row_count = excluded.row_count, "
      "synced_at = clock_timestamp()",
      {target.schema, target.table, target.source, std::to_string(state.version), std::to_string(state.rows)}));
  return {};
}

Result<void> ensure_schema(PgConnection& connection, const TableTarget& target, bool may_create) {
  const auto schema = quote_identifier(target.schema);
  PIER_TRY_ASSIGN(const auto there, connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", {target.schema}));
  if (there.empty()) {
    if (!may_create) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "PIER8105",
                   .message = "the schema " + target.schema + " is not in the database",
                   .hint = "create it, or set create_database_objects_if_missing"};
    }
    PIER_TRY(connection.execute("CREATE SCHEMA IF NOT EXISTS " + schema));
    PIER_TRY(connection.execute("GRANT ALL ON SCHEMA " + schema + " TO " + std::string(lakebase::k_superuser_role) +
                                " WITH GRANT OPTION"));
  }
  return connection.execute("GRANT USAGE ON SCHEMA " + schema + " TO " + quote_identifier(target.readers_role));
}

Result<void> replace_table(PgConnection& connection, const TableTarget& target, const ColumnMap& columns,
                           const std::string& staging_name) {
  const auto staging = "pier." + quote_identifier(staging_name);
  PIER_TRY_ASSIGN(const auto old, look_at(connection, target));
  if (old && !old->synced) {
    return Error{.kind = ErrorKind::already_exists,
                 .code = "PIER8104",
                 .message = "the table " + target.schema + "." + target.table + " exists and belongs to " + old->owner,
                 .hint = "rename or drop it, or give the synced table another name"};
  }
  if (old && old->has_dependents) {
    PIER_TRY_ASSIGN(const auto shape, connection.query("SELECT " + shape_sql(quote_literal(staging) + "::regclass")));
    if (shape.text(0, 0) != old->shape) {
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "PIER8106",
                   .message = "the columns of the source changed, but views or policies depend on " + target.schema +
                              "." + target.table,
                   .hint = "drop them, let the table sync, and create them again"};
    }
    PIER_TRY(connection.execute("TRUNCATE " + target.quoted()));
    PIER_TRY(connection.execute("INSERT INTO " + target.quoted() + " (" + columns.names() + ") SELECT " +
                                columns.names() + " FROM " + staging));
    return connection.execute("DROP TABLE " + staging);
  }
  PIER_TRY(protect(connection, staging));
  PIER_TRY(grant_reading(connection, staging, target));
  if (old) {
    PIER_TRY(connection.execute("LOCK TABLE " + target.quoted() + " IN ACCESS EXCLUSIVE MODE"));
    PIER_TRY(copy_grants(connection, target.quoted(), staging));
    PIER_TRY(connection.execute("DROP TABLE " + target.quoted()));
  }
  // First out of `pier`, where the final name may be taken.
  PIER_TRY(connection.execute("ALTER TABLE " + staging + " SET SCHEMA " + quote_identifier(target.schema)));
  PIER_TRY(connection.execute("ALTER TABLE " + quote_identifier(target.schema) + "." + quote_identifier(staging_name) +
                              " RENAME TO " + quote_identifier(target.table)));
  // The key of the staging table has its name from there.
  return connection.execute("ALTER TABLE " + target.quoted() + " RENAME CONSTRAINT " +
                            quote_identifier(staging_name + "_key") + " TO " +
                            quote_identifier(target.table.substr(0, 58) + "_pkey"));
}

Result<void> release_table(PgConnection& connection, const TableTarget& target, bool purge) {
  PIER_TRY_ASSIGN(const auto old, look_at(connection, target));
  if (!old || !old->synced) {
    return {};
  }
  return in_transaction(connection, [&]() -> Result<void> {
    PIER_TRY(connection.change("DELETE FROM pier.sync_state WHERE schema_name = $1 AND table_name = $2 AND $3::boolean",
                               {target.schema, target.table, purge ? "t" : "f"}));
    if (purge) {
      return connection.execute("DROP TABLE " + target.quoted());
    }
    PIER_TRY(connection.execute("DROP TRIGGER IF EXISTS pier_read_only ON " + target.quoted()));
    return connection.execute("ALTER TABLE " + target.quoted() + " OWNER TO " +
                              std::string(lakebase::k_superuser_role));
  });
}

} // namespace pier::sync

#include "core/lakebase/roles.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"

namespace pier::lakebase {
namespace {

constexpr int k_safe_createrole = 160000;
constexpr std::size_t k_max_identifier = 63; ///< NAMEDATALEN - 1

Result<bool> exists(PgConnection& server, const std::string& sql, std::string_view name) {
  PIER_TRY_ASSIGN(const auto rows, server.query(sql, {std::string(name)}));
  return !rows.empty();
}

Result<bool> role_exists(PgConnection& server, std::string_view name) {
  return exists(server, "SELECT 1 FROM pg_roles WHERE rolname = $1", name);
}

Result<void> create_role_if_missing(PgConnection& server, std::string_view name, std::string_view attributes) {
  PIER_TRY_ASSIGN(const bool there, role_exists(server, name));
  if (there) {
    return {};
  }
  auto made = server.execute("CREATE ROLE " + quote_identifier(name) + " " + std::string(attributes));
  if (!made && made.error().kind == ErrorKind::already_exists) {
    return {}; // another thread was first
  }
  return made;
}

Error reserved_name(std::string_view name) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = "the role name " + std::string(name) + " is reserved"};
}

bool is_reserved(std::string_view name) {
  return name == k_system_role || name == k_superuser_role || name.starts_with("pg_") || name == "public" ||
         name == "none" || name.starts_with("pier_synced_readers_");
}

} // namespace

std::string synced_readers_role(std::string_view database) {
  std::string name = "pier_synced_readers_" + std::string(database);
  if (name.size() > k_max_identifier) {
    name = "pier_synced_readers_" + hex_encode(sha256(database)).substr(0, 32);
  }
  return name;
}

std::string app_role(std::string_view database) {
  const auto name = std::string(database) + "_app";
  return name.size() > k_max_identifier ? "pier_app_" + hex_encode(sha256(database)).substr(0, 32) : name;
}

Result<void> install_system_roles(PgConnection& server) {
  const auto superuser = std::string(k_superuser_role);
  PIER_TRY(create_role_if_missing(server, superuser, "NOLOGIN CREATEDB"));
  PIER_TRY(server.execute("GRANT pg_read_all_data, pg_write_all_data, pg_monitor TO " + superuser));
  // Whoever deploys keeps the ledger of migrations in the schema that the write-back uses too.
  PIER_TRY(server.execute("CREATE SCHEMA IF NOT EXISTS pier"));
  PIER_TRY(server.execute("GRANT USAGE, CREATE ON SCHEMA pier TO " + superuser));
  return server.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC");
}

Result<void> create_database(PgConnection& server, std::string_view database, bool if_not_exists) {
  if (database.empty() || database.size() > k_max_identifier) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "a database name has 1 to 63 characters"};
  }
  const auto quoted = quote_identifier(database);
  auto made = server.execute("CREATE DATABASE " + quoted + " OWNER " + std::string(k_superuser_role));
  if (!made) {
    if (made.error().kind != ErrorKind::already_exists) {
      return made;
    }
    if (!if_not_exists) {
      return Error{.kind = ErrorKind::already_exists,
                   .code = "RESOURCE_ALREADY_EXISTS",
                   .message = "Database '" + std::string(database) + "' already exists"};
    }
  }
  PIER_TRY(server.execute("REVOKE CONNECT ON DATABASE " + quoted + " FROM PUBLIC"));
  PIER_TRY(create_role_if_missing(server, app_role(database), "NOLOGIN"));
  return create_role_if_missing(server, synced_readers_role(database), "NOLOGIN");
}

Result<std::vector<std::string>> list_databases(PgConnection& server) {
  PIER_TRY_ASSIGN(
      const auto rows,
      server.query("SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn AND datname <> "
                   "'postgres' ORDER BY datname"));
  std::vector<std::string> names;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    names.push_back(rows.text(row, 0));
  }
  return names;
}

Result<void> apply_role(PgConnection& server, const Role& role) {
  if (is_reserved(role.name)) {
    return reserved_name(role.name);
  }
  if (role.createrole && server.server_version() < k_safe_createrole) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "NOT_IMPLEMENTED",
                 .message = "createrole is not offered on PostgreSQL " +
                            std::to_string(server.server_version() / 10000) +
                            ": before 16 it lets its holder run programs of the machine",
                 .hint = "make the roles by the API, or install postgresql-16"};
  }
  const bool is_superuser = role.membership_role == "DATABRICKS_SUPERUSER";
  const bool may_create_roles = role.createrole || (is_superuser && server.server_version() >= k_safe_createrole);
  const auto quoted = quote_identifier(role.name);
  PIER_TRY(create_role_if_missing(server, role.name, "NOLOGIN"));
  std::string sql = "ALTER ROLE " + quoted;
  sql += role.identity_type == "PG_ONLY" ? " NOLOGIN" : " LOGIN"; // the front knows no native passwords
  sql += role.createdb || is_superuser ? " CREATEDB" : " NOCREATEDB";
  sql += may_create_roles ? " CREATEROLE" : " NOCREATEROLE";
  sql += role.bypassrls ? " BYPASSRLS" : " NOBYPASSRLS";
  PIER_TRY(server.execute(sql));
  PIER_TRY(server.execute("GRANT CONNECT ON DATABASE " + quote_identifier(k_default_database) + " TO " + quoted));
  const auto superuser = std::string(k_superuser_role);
  return server.execute(is_superuser ? "GRANT " + superuser + " TO " + quoted
                                     : "REVOKE " + superuser + " FROM " + quoted);
}

Result<void> drop_role(PgConnection& server, const std::string& name, const std::string& reassign_to,
                       const std::function<Result<PgConnection>(const std::string& database)>& connect) {
  if (is_reserved(name)) {
    return reserved_name(name);
  }
  PIER_TRY_ASSIGN(const bool there, role_exists(server, name));
  if (!there) {
    return {};
  }
  const auto quoted = quote_identifier(name);
  PIER_TRY_ASSIGN(const bool owner,
                  exists(server,
                         "SELECT 1 FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid AND d.refclassid = "
                         "'pg_authid'::regclass WHERE d.deptype = 'o' AND r.rolname = $1 LIMIT 1",
                         name));
  if (owner && reassign_to.empty()) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "INVALID_STATE",
                 .message = "role '" + name + "' owns objects",
                 .hint = "name the new owner with reassign_owned_to"};
  }
  PIER_TRY_ASSIGN(const auto names, list_databases(server));
  for (const auto& database : names) {
    PIER_TRY_ASSIGN(auto connection, connect(database));
    if (owner) {
      PIER_TRY(connection.execute("REASSIGN OWNED BY " + quoted + " TO " + quote_identifier(reassign_to)));
    }
    PIER_TRY(connection.execute("DROP OWNED BY " + quoted)); // what is left are privileges
  }
  return server.execute("DROP ROLE " + quoted);
}

Result<void> grant_binding(PgConnection& server, std::string_view database, std::string_view role) {
  const auto quoted = quote_identifier(role);
  PIER_TRY(server.execute("GRANT CONNECT, CREATE ON DATABASE " + quote_identifier(database) + " TO " + quoted));
  PIER_TRY(create_role_if_missing(server, app_role(database), "NOLOGIN")); // a database made by CREATE DATABASE
  PIER_TRY(server.execute("GRANT " + quote_identifier(app_role(database)) + " TO " + quoted));
  return server.execute("GRANT " + quote_identifier(synced_readers_role(database)) + " TO " + quoted);
}

Result<void> revoke_binding(PgConnection& server, std::string_view database, std::string_view role) {
  PIER_TRY_ASSIGN(const bool there, role_exists(server, role));
  if (!there) {
    return {};
  }
  const auto quoted = quote_identifier(role);
  PIER_TRY(server.execute("REVOKE CONNECT, CREATE ON DATABASE " + quote_identifier(database) + " FROM " + quoted));
  PIER_TRY_ASSIGN(const bool has_app_role, role_exists(server, app_role(database)));
  if (has_app_role) {
    PIER_TRY(server.execute("REVOKE " + quote_identifier(app_role(database)) + " FROM " + quoted));
  }
  return server.execute("REVOKE " + quote_identifier(synced_readers_role(database)) + " FROM " + quoted);
}

} // namespace pier::lakebase

#include "core/migrate/app_access.hpp"

namespace pier::migrate {

namespace {

Result<bool> holds(Connection& connection, const std::string& condition,
                   const std::vector<std::optional<std::string>>& parameters) {
  PIER_TRY_ASSIGN(const auto rows, connection.query("SELECT 1 WHERE " + condition, parameters));
  return !rows.empty();
}

Result<bool> role_exists(Connection& connection, const std::string& name) {
  return holds(connection, "EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1)", {name});
}

Result<void> let_join(Connection& connection, const std::string& role, const std::string& principal,
                      AppAccessReport& report) {
  PIER_TRY_ASSIGN(const bool there, role_exists(connection, principal));
  if (!there) {
    report.waiting.push_back("role " + principal);
    return {};
  }
  PIER_TRY_ASSIGN(const bool member, holds(connection, "pg_catalog.pg_has_role($1, $2, 'MEMBER')", {principal, role}));
  if (member) {
    return {};
  }
  PIER_TRY(connection.query("GRANT " + quote_identifier(role) + " TO " + quote_identifier(principal)));
  report.done.push_back(principal + " is a member of " + role);
  return {};
}

Result<void> let_read(Connection& connection, const std::string& role, const std::vector<std::string>& principals,
                      const std::string& table, AppAccessReport& report) {
  const auto dot = table.find('.');
  const auto schema = table.substr(0, dot);
  const auto name = dot == std::string::npos ? std::string() : table.substr(dot + 1);
  PIER_TRY_ASSIGN(const bool there,
                  holds(connection,
                        "EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
                        "c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)",
                        {schema, name}));
  if (!there) {
    report.waiting.push_back("table " + table);
    return {};
  }
  const auto qualified = quote_identifier(schema) + "." + quote_identifier(name);
  bool all_read = true;
  for (const auto& principal : principals) {
    PIER_TRY_ASSIGN(const bool known, role_exists(connection, principal));
    if (known) {
      PIER_TRY_ASSIGN(const bool reads, holds(connection,
                                              "pg_catalog.has_schema_privilege($1, $2, 'USAGE') AND "
                                              "pg_catalog.has_table_privilege($1, $3, 'SELECT')",
                                              {principal, schema, qualified}));
      all_read = all_read && reads;
    }
  }
  if (all_read) {
    return {};
  }
  PIER_TRY(connection.query("GRANT USAGE ON SCHEMA " + quote_identifier(schema) + " TO " + quote_identifier(role)));
  PIER_TRY(connection.query("GRANT SELECT ON " + qualified + " TO " + quote_identifier(role)));
  report.done.push_back(role + " reads " + table);
  return {};
}

} // namespace

std::string app_role(std::string_view database) {
  return std::string(database) + "_app";
}

Result<AppAccessReport> grant_app_access(Connection& connection, const AppAccess& access) {
  AppAccessReport report;
  if (access.principals.empty()) {
    return report;
  }
  const auto role = app_role(access.database);
  PIER_TRY_ASSIGN(const bool there, role_exists(connection, role));
  if (!there) {
    PIER_TRY(connection.query("CREATE ROLE " + quote_identifier(role) + " NOLOGIN"));
    report.done.push_back("the role " + role + " exists");
  }
  for (const auto& principal : access.principals) {
    PIER_TRY(let_join(connection, role, principal, report));
  }
  for (const auto& table : access.synced_tables) {
    PIER_TRY(let_read(connection, role, access.principals, table, report));
  }
  return report;
}

} // namespace pier::migrate

#pragma once

#include "core/base/result.hpp"
#include "core/migrate/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier::migrate {

/// What bound apps need in a database beyond CONNECT and CREATE, which their binding gives.
struct AppAccess {
  std::string database;
  std::vector<std::string> principals;    ///< client ids of the apps' service principals: their roles
  std::vector<std::string> synced_tables; ///< "schema.table" in the database
};

struct AppAccessReport {
  std::vector<std::string> done;    ///< what was granted now, as sentences; empty: all was there
  std::vector<std::string> waiting; ///< roles and tables that do not exist yet
};

/// "<database>_app": the role that migrations grant to, because they are written before any app exists.
std::string app_role(std::string_view database);

/// Makes each principal's role a member of app_role, and lets that role read the synced tables. Only what is missing
/// is granted, so that it also works where somebody else (the local workspace) has done it and the caller may not.
/// Error permission_denied PIER8412 when a grant is needed and refused.
Result<AppAccessReport> grant_app_access(Connection& connection, const AppAccess& access);

} // namespace pier::migrate

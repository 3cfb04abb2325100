#pragma once

#include "core/base/result.hpp"
#include "core/lakebase/lakebase.hpp"
#include "core/lakebase/pg_connection.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lakebase {

// What pier does inside a cluster, as the system role. Every step may be repeated.

/// databricks_superuser, its right to the schema `pier`, and the closed doors of the maintenance databases. `server`: a
/// connection to template1.
Result<void> install_system_roles(PgConnection& server);

/// A database owned by databricks_superuser, closed to PUBLIC, with its role of synced-table readers.
Result<void> create_database(PgConnection& server, std::string_view database, bool if_not_exists);
Result<std::vector<std::string>> list_databases(PgConnection& server); ///< without templates and `postgres`

/// Makes the role, or brings an existing one to these attributes. CREATEROLE is refused before PostgreSQL 16, where
/// it would let its holder join pg_execute_server_program.
Result<void> apply_role(PgConnection& server, const Role& role);
/// connect: opens a connection of the system role to a database. Error invalid_state when the role owns
/// objects and reassign_to is empty.
Result<void> drop_role(PgConnection& server, const std::string& name, const std::string& reassign_to,
                       const std::function<Result<PgConnection>(const std::string& database)>& connect);

/// "<database>_app": migrations grant to it, as they are written before any app exists; bound apps are its members.
std::string app_role(std::string_view database);

/// CONNECT and CREATE on the database, member of its app role and of its synced-table readers.
Result<void> grant_binding(PgConnection& server, std::string_view database, std::string_view role);
Result<void> revoke_binding(PgConnection& server, std::string_view database, std::string_view role);

} // namespace pier::lakebase

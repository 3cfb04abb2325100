#pragma once

#include "core/base/diagnostics.hpp"
#include "core/migrate/connection.hpp"
#include "core/migrate/migration_file.hpp"

namespace pier::migrate {

/// PostgreSQL's complaint about a statement as a diagnostic PIER8420 with the place in the file, the SQLSTATE in
/// the detail and the server's hint as help.
Diagnostic describe(const MigrationFile& file, const SqlStatement& statement, const ServerError& failure);

} // namespace pier::migrate

#pragma once

#include "core/base/result.hpp"
#include "core/lakebase/pg_connection.hpp"

#include <string>

namespace pier::sync {

/// What pier keeps inside each database (schema `pier`): which version a synced table holds, which tables are written
/// back, and the event trigger that notices `ALTER TABLE … REPLICA IDENTITY FULL`. May be run again. For template1
/// (Lakebase's Options::database_template_sql), and for databases made without it.
const std::string& database_template_sql();

/// Runs it unless the database has this version of it already.
Result<void> install_template(lakebase::PgConnection& connection);

} // namespace pier::sync

#pragma once

#include "core/server/api.hpp"
#include "core/server/workspace.hpp"

namespace pier::server {

/// Every route of the local workspace. Before the server starts.
void register_routes(ApiRouter& router, Workspace& workspace);

// One file of routes/ each, by the area that owns it.
void register_workspace_routes(ApiRouter& router, Workspace& workspace);   ///< well-known, conf, telemetry, page
void register_database_routes(ApiRouter& router, Workspace& workspace);    ///< Lakebase instances, roles, tokens
void register_not_offered_routes(ApiRouter& router, Workspace& workspace); ///< empty lists and 501

} // namespace pier::server

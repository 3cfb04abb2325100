#pragma once

#include "core/server/api.hpp"
#include "core/server/workspace.hpp"

namespace pier::server {

/// Every route of the local workspace. Before the server starts.
void register_routes(ApiRouter& router, Workspace& workspace);

// One file of routes/ each, by the area that owns it.
void register_workspace_routes(ApiRouter& router, Workspace& workspace);      ///< well-known, conf, telemetry, page
void register_identity_routes(ApiRouter& router, Workspace& workspace);       ///< Me, SCIM, tokens, secrets of SPs
void register_oidc_routes(ApiRouter& router, Workspace& workspace);           ///< discovery, token endpoint
void register_permission_routes(ApiRouter& router, Workspace& workspace);     ///< access control lists
void register_secret_routes(ApiRouter& router, Workspace& workspace);         ///< secret scopes
void register_workspace_file_routes(ApiRouter& router, Workspace& workspace); ///< workspace, workspace-files
void register_files_api_routes(ApiRouter& router, Workspace& workspace);      ///< fs/files, fs/directories
void register_catalog_routes(ApiRouter& router, Workspace& workspace);        ///< Unity Catalog: containers
void register_catalog_leaf_routes(ApiRouter& router, Workspace& workspace);   ///< tables, volumes, functions
void register_grant_routes(ApiRouter& router, Workspace& workspace);          ///< Unity Catalog: permissions
void register_database_routes(ApiRouter& router, Workspace& workspace);       ///< Lakebase instances, roles, tokens
void register_jobs_routes(ApiRouter& router, Workspace& workspace);           ///< jobs and their runs
void register_apps_routes(ApiRouter& router, Workspace& workspace);           ///< apps, deployments
void register_sql_warehouse_routes(ApiRouter& router, Workspace& workspace);  ///< warehouses
void register_sql_statement_routes(ApiRouter& router, Workspace& workspace);  ///< statement execution
void register_synced_table_routes(ApiRouter& router, Workspace& workspace);   ///< catalogs, synced tables, write-back
void register_not_offered_routes(ApiRouter& router, Workspace& workspace);    ///< empty lists and 501

} // namespace pier::server

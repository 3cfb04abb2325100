#include "core/server/routes.hpp"

namespace pier::server {

void register_routes(ApiRouter& router, Workspace& workspace) {
  register_workspace_routes(router, workspace);
  register_identity_routes(router, workspace);
  register_oidc_routes(router, workspace);
  register_permission_routes(router, workspace);
  register_secret_routes(router, workspace);
  register_workspace_file_routes(router, workspace);
  register_files_api_routes(router, workspace);
  register_catalog_routes(router, workspace);
  register_catalog_leaf_routes(router, workspace);
  register_grant_routes(router, workspace);
  register_database_routes(router, workspace);
  register_synced_table_routes(router, workspace);
  register_apps_routes(router, workspace);
  register_sql_warehouse_routes(router, workspace);
  register_sql_statement_routes(router, workspace);
  register_jobs_routes(router, workspace);
  register_not_offered_routes(router, workspace);
}

} // namespace pier::server

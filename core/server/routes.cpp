#include "core/server/routes.hpp"

namespace pier::server {

void register_routes(ApiRouter& router, Workspace& workspace) {
  register_workspace_routes(router, workspace);
  register_database_routes(router, workspace);
  register_not_offered_routes(router, workspace);
}

} // namespace pier::server

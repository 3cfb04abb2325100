#pragma once

#include "core/migrate/connection.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <string>

namespace pier::migrate {

/// Logs in to a database of an instance as the caller of the workspace: waits until the instance is available, asks
/// for a database credential (facts: workspace-api 3.4) and connects with TLS. `user` is the caller's user name.
/// Error not_found PIER8415 when there is no such instance.
Result<Connection> log_in(workspace_client::RestClient& client, const std::string& instance,
                          const std::string& database, const std::string& user);

} // namespace pier::migrate

#include "core/server/app_resources.hpp"

#include "core/server/workspace.hpp"

namespace pier::server {
namespace {

constexpr auto k_new_instance = std::chrono::seconds(60); ///< how long a new cluster may take

Result<apps::DatabaseBinding> bind_database(Workspace& workspace, const apps::BindingRequest& request) {
  const auto name = request.entry.get_string("instance_name");
  const auto database = request.entry.get_string("database_name", lakebase::k_default_database);
  PIER_TRY(workspace.permissions->require(request.caller, {.type = "database-instances", .id = name}, "CAN_MANAGE"));
  PIER_TRY_ASSIGN(const auto instance, workspace.lakebase->wait_until_ready(name, k_new_instance));
  PIER_TRY(workspace.lakebase->bind_service_principal(name, database, request.service_principal.name));
  return apps::DatabaseBinding{.host = instance.host,
                               .port = instance.port,
                               .database = database,
                               .endpoint = {},
                               .ca_file = workspace.lakebase->ca_file()};
}

} // namespace

apps::ResourceProviders app_resource_providers(Workspace& workspace) {
  return {.bind_database = [&workspace](const auto& request) { return bind_database(workspace, request); },
          .bind_postgres = {},
          .secret_value = [&workspace](std::string_view scope, std::string_view key) -> Result<std::string> {
            PIER_TRY_ASSIGN(const auto owner, workspace.identity->owner());
            PIER_TRY_ASSIGN(const auto value, workspace.secrets->get(owner, scope, key));
            return value.reveal();
          },
          .grant_secret = [&workspace](const apps::BindingRequest& request) -> Result<void> {
            return workspace.secrets->put_acl(request.caller, request.entry.get_string("scope"),
                                              {.principal = request.service_principal.name,
                                               .permission = request.entry.get_string("permission", "READ")});
          }};
}

} // namespace pier::server

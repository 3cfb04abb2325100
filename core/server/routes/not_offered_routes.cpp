#include "core/server/routes.hpp"

#include <array>

namespace pier::server {
namespace {

/// Lists that are truly empty here, so that a lookup by name says "not found" instead of failing.
struct EmptyList {
  std::string_view path;
  std::string_view member;
};

constexpr std::array k_empty_lists = {
    EmptyList{"/api/2.0/clusters/list", "clusters"},
    EmptyList{"/api/2.1/clusters/list", "clusters"},
    EmptyList{"/api/2.0/policies/clusters/list", "policies"},
    EmptyList{"/api/2.0/instance-pools/list", "instance_pools"},
    EmptyList{"/api/2.0/instance-profiles/list", "instance_profiles"},
    EmptyList{"/api/2.0/libraries/all-cluster-statuses", "statuses"},
    EmptyList{"/api/2.0/serving-endpoints", "endpoints"},
    EmptyList{"/api/2.0/genie/spaces", "spaces"},
    EmptyList{"/api/2.0/pipelines", "statuses"},
    EmptyList{"/api/2.0/repos", "repos"},
    EmptyList{"/api/2.0/git-credentials", "credentials"},
    EmptyList{"/api/2.0/lakeview/dashboards", "dashboards"},
    EmptyList{"/api/2.0/vector-search/endpoints", "endpoints"},
    EmptyList{"/api/2.0/mlflow/registered-models/list", "registered_models"},
};

struct NotOffered {
  std::string_view prefix;
  std::string_view what;
};

// Without a version: the sentence holds for each one that the service has.
constexpr std::array k_not_offered = {
    NotOffered{"clusters", "Clusters are not offered by the local workspace: jobs run on this machine."},
    NotOffered{"policies", "Cluster policies are not offered by the local workspace."},
    NotOffered{"instance-pools", "Instance pools are not offered by the local workspace."},
    NotOffered{"instance-profiles", "Instance profiles are not offered by the local workspace."},
    NotOffered{"libraries", "Cluster libraries are not offered by the local workspace: name them in the job."},
    NotOffered{"global-init-scripts", "Init scripts are not offered by the local workspace."},
    NotOffered{"commands", "The command execution API is not offered by the local workspace."},
    NotOffered{"contexts", "The command execution API is not offered by the local workspace."},
    NotOffered{"pipelines", "Pipelines are not offered by the local workspace: use a job with SQL tasks."},
    NotOffered{"serving-endpoints", "Model serving is not offered by the local workspace."},
    NotOffered{"genie", "Genie is not offered by the local workspace."},
    NotOffered{"mlflow", "MLflow is not offered by the local workspace."},
    NotOffered{"feature-store", "The feature store is not offered by the local workspace."},
    NotOffered{"lakeview", "Dashboards are not offered by the local workspace."},
    NotOffered{"vector-search", "Vector search is not offered by the local workspace."},
    NotOffered{"quality-monitors", "Quality monitors are not offered by the local workspace."},
    NotOffered{"repos", "Git folders are not offered by the local workspace: deploy the bundle's files."},
    NotOffered{"git-credentials", "Git credentials are not offered by the local workspace."},
    NotOffered{"dbfs", "DBFS is not offered by the local workspace: use volumes (/Volumes/…)."},
    NotOffered{"clean-rooms", "Clean rooms are not offered by the local workspace."},
    NotOffered{"marketplace", "The marketplace is not offered by the local workspace."},
    NotOffered{"delta-sharing", "Delta sharing is not offered by the local workspace."},
    NotOffered{"ip-access-lists", "IP access lists are not offered by the local workspace: it listens on loopback."},
    NotOffered{"settings", "These workspace settings are not offered by the local workspace."},
    NotOffered{"accounts", "The account's API is not offered by the local workspace."},
    NotOffered{"sql/queries", "Saved queries are not offered by the local workspace: keep them as files."},
    NotOffered{"sql/alerts", "Alerts are not offered by the local workspace."},
    NotOffered{"sql/visualizations", "Visualizations are not offered by the local workspace."},
    NotOffered{"sql/history", "The query history is not offered by the local workspace."},
    NotOffered{"sql/config", "Warehouse settings are not offered by the local workspace."},
    NotOffered{"preview/sql", "The older SQL API is not offered by the local workspace."},
    NotOffered{"redash-v2", "The older SQL API is not offered by the local workspace."},
    NotOffered{"alerts", "Alerts are not offered by the local workspace."},
    NotOffered{"database/tables", "Registering a table of PostgreSQL is not offered by the local workspace."},
    NotOffered{"online-tables", "Online tables are not offered by the local workspace: use synced tables."},
    NotOffered{"bundle", "The deployment service is not offered by the local workspace: state is kept in its files."},
    NotOffered{"app-spaces", "App spaces are not offered by the local workspace."},
    NotOffered{"apps-settings", "App templates of the workspace are not offered here: use `pier init`."},
    NotOffered{"identity", "The identity preview API is not offered by the local workspace: use SCIM."},
    NotOffered{"token-management", "Tokens of other users are not offered by the local workspace."},
    NotOffered{"notification-destinations", "Notifications are not offered by the local workspace."},
    NotOffered{"quality-monitoring", "Quality monitors are not offered by the local workspace."},
    NotOffered{"data-quality", "Quality monitors are not offered by the local workspace."},
    NotOffered{"data-sharing", "Delta sharing is not offered by the local workspace."},
    NotOffered{"feature-engineering", "The feature store is not offered by the local workspace."},
    NotOffered{"entity-tag-assignments", "Tags are not offered by the local workspace."},
    NotOffered{"tag-policies", "Tags are not offered by the local workspace."},
    NotOffered{"lineage-tracking", "Lineage is not offered by the local workspace."},
    NotOffered{"policy-families", "Cluster policies are not offered by the local workspace."},
    NotOffered{"custom-llms", "Agents are not offered by the local workspace."},
    NotOffered{"supervisor-agents", "Agents are not offered by the local workspace."},
    NotOffered{"ai-search", "Vector search is not offered by the local workspace."},
    NotOffered{"settings-metadata", "These workspace settings are not offered by the local workspace."},
    NotOffered{"rfa", "Requests for access are not offered by the local workspace: ask the owner for a grant."},
    NotOffered{"unity-catalog/temporary-volume-credentials",
               "Storage credentials are not offered here: use the Files API."},
    NotOffered{"unity-catalog/temporary-table-credentials", "Storage credentials are not offered here: use SQL."},
    NotOffered{"unity-catalog/temporary-path-credentials",
               "Storage credentials are not offered here: use the Files API."},
    NotOffered{"marketplace-consumer", "The marketplace is not offered by the local workspace."},
    NotOffered{"marketplace-provider", "The marketplace is not offered by the local workspace."},
    NotOffered{"marketplace-exchange", "The marketplace is not offered by the local workspace."},
};

constexpr std::array k_versions = {"/api/1.2/", "/api/2.0/", "/api/2.1/", "/api/2.2/"};

} // namespace

void register_not_offered_routes(ApiRouter& router, Workspace& /*workspace*/) {
  for (const auto& list : k_empty_lists) {
    router.json("GET", std::string(list.path), [member = std::string(list.member)](ApiCall&) -> Result<Json> {
      return Json::object({{member, Json::array()}});
    });
  }
  for (const auto& item : k_not_offered) {
    for (const auto* version : k_versions) {
      router.not_offered(version + std::string(item.prefix), std::string(item.what));
    }
  }
}

} // namespace pier::server

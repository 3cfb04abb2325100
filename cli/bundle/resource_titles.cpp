#include "cli/bundle/resource_titles.hpp"

#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <array>

namespace pier::cli {
namespace {

constexpr std::array k_titles = {
    ResourceTitle{"alerts", "Alerts", "display_name", "sql/alerts-v2/%s", "id"},
    ResourceTitle{"apps", "Apps", "name", "apps/%s", "id"},
    ResourceTitle{"catalogs", "Catalogs", "name", "explore/data/%s", "id", true},
    ResourceTitle{"clusters", "Clusters", "cluster_name", "compute/clusters/%s", "id"},
    ResourceTitle{"dashboards", "Dashboards", "display_name", "dashboardsv3/%s/published", "id"},
    ResourceTitle{"database_catalogs", "Database catalogs", "name", "explore/data/%s", "name"},
    ResourceTitle{"database_instances", "Database instances", "name", "compute/database-instances/%s", "name"},
    ResourceTitle{"experiments", "Experiments", "name", "ml/experiments/%s", "id"},
    ResourceTitle{"external_locations", "External Locations", "name", "", "id"},
    ResourceTitle{"genie_spaces", "Genie Spaces", "title", "genie/rooms/%s", "id"},
    ResourceTitle{"instance_pools", "Instance Pools", "instance_pool_name", "compute/instance-pools/%s", "id"},
    ResourceTitle{"job_runs", "Job Runs", "", "", "id"},
    ResourceTitle{"jobs", "Jobs", "name", "jobs/%s", "id"},
    ResourceTitle{"model_serving_endpoints", "Model Serving Endpoints", "name", "ml/endpoints/%s", "id"},
    ResourceTitle{"models", "Models", "name", "ml/models/%s", "id"},
    ResourceTitle{"pipelines", "Pipelines", "name", "pipelines/%s", "id"},
    ResourceTitle{"postgres_branches", "Postgres branches", "branch_id", "", "id"},
    ResourceTitle{"postgres_catalogs", "Postgres catalogs", "catalog_id", "explore/data/%s", "catalog_id"},
    ResourceTitle{"postgres_databases", "Postgres databases", "database_id", "", "id"},
    ResourceTitle{"postgres_endpoints", "Postgres endpoints", "endpoint_id", "", "id"},
    ResourceTitle{"postgres_projects", "Postgres projects", "display_name", "", "id"},
    ResourceTitle{"postgres_roles", "Postgres roles", "role_id", "", "id"},
    ResourceTitle{"postgres_synced_tables", "Postgres synced tables", "synced_table_id", "explore/data/%s",
                  "synced_table_id", true},
    ResourceTitle{"quality_monitors", "Quality Monitors", "table_name", "explore/data/%s", "table_name", true},
    ResourceTitle{"registered_models", "Registered Models", "name", "explore/data/models/%s", "id", true},
    ResourceTitle{"schemas", "Schemas", "name", "explore/data/%s", "id", true},
    ResourceTitle{"secret_scopes", "Secret Scopes", "name", "", "id"},
    ResourceTitle{"secrets", "Secrets", "name", "explore/data/%s", "id", true},
    ResourceTitle{"sql_warehouses", "SQL Warehouses", "name", "sql/warehouses/%s", "id"},
    ResourceTitle{"synced_database_tables", "Synced database tables", "name", "explore/data/%s", "name"},
    ResourceTitle{"vector_search_endpoints", "Vector Search Endpoints", "name", "compute/vector-search/%s", "name"},
    ResourceTitle{"vector_search_indexes", "Vector Search Indexes", "name", "explore/data/%s", "id", true},
    ResourceTitle{"volumes", "Volumes", "name", "explore/data/volumes/%s", "id", true},
};

} // namespace

ResourceTitle title_of(std::string_view kind) {
  const auto* it =
      std::find_if(k_titles.begin(), k_titles.end(), [&](const auto& title) { return title.kind == kind; });
  return it == k_titles.end() ? ResourceTitle{kind, kind, "name", "", "id"} : *it;
}

std::string shown_name(const ResourceTitle& title, const Json& config) {
  const bool by_id = title.kind == "apps" || title.kind == "secrets";
  if (by_id && config.contains("id")) {
    return config.get_string("id");
  }
  return config.get_string(title.name);
}

std::string page_of(const ResourceTitle& title, const Json& config, const std::string& host,
                    const std::string& workspace_id) {
  auto id = config.get_string(title.id);
  if (title.page.empty() || id.empty() ||
      (title.kind == "database_instances" && config.get_string("modified_status") == "created")) {
    return {};
  }
  if (title.dotted) {
    std::replace(id.begin(), id.end(), '.', '/');
  }
  const auto query = workspace_id.empty() || host.find(workspace_id) != std::string::npos ? "" : "?w=" + workspace_id;
  return host + "/" + replace_all(std::string(title.page), "%s", id) + query;
}

Json with_deployment(Json config, const std::map<std::string, std::string>& deployed, const std::string& host,
                     const std::string& workspace_id) {
  auto resources = config.contains("resources") ? std::move(config["resources"]) : Json::object();
  if (!resources.is_object()) {
    resources = Json::object();
  }
  for (const auto& [key, id] : deployed) {
    const auto dot = key.find('.');
    auto& resource = resources[key.substr(0, dot)][key.substr(dot + 1)];
    if (!resource.is_object()) {
      resource = Json::object({{"modified_status", "deleted"}});
    }
    resource["id"] = id;
  }
  for (auto& [kind, group] : resources.as_object()) {
    if (!group.is_object()) {
      continue;
    }
    const auto title = title_of(kind);
    for (auto& [key, resource] : group.as_object()) {
      if (!resource.is_object()) {
        continue;
      }
      if (!resource.contains("id") && !resource.contains("modified_status")) {
        resource["modified_status"] = "created";
      }
      if (auto page = page_of(title, resource, host, workspace_id); !page.empty()) {
        resource["url"] = std::move(page);
      }
    }
  }
  config["resources"] = std::move(resources);
  return config;
}

} // namespace pier::cli

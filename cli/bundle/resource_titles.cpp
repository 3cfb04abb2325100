#include "cli/bundle/resource_titles.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <array>

namespace pier::cli {
namespace {

constexpr std::array k_titles = {
    ResourceTitle{"alerts", "Alerts", "display_name", "sql/alerts-v2/%s", "id"},
    ResourceTitle{"apps", "Apps", "name", "apps/%s", ""},
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
    ResourceTitle{"postgres_branches", "Postgres branches", "", "", "id"},
    ResourceTitle{"postgres_catalogs", "Postgres catalogs", "catalog_id", "explore/data/%s", "catalog_id"},
    ResourceTitle{"postgres_databases", "Postgres databases", "", "", "id"},
    ResourceTitle{"postgres_endpoints", "Postgres endpoints", "", "", "id"},
    ResourceTitle{"postgres_projects", "Postgres projects", "display_name", "", "id"},
    ResourceTitle{"postgres_roles", "Postgres roles", "", "", "id"},
    ResourceTitle{"postgres_synced_tables", "Postgres synced tables", "synced_table_id", "explore/data/%s", "", true},
    ResourceTitle{"quality_monitors", "Quality Monitors", "table_name", "explore/data/%s", "table_name", true},
    ResourceTitle{"registered_models", "Registered Models", "name", "explore/data/models/%s", "id", true},
    ResourceTitle{"schemas", "Schemas", "name", "explore/data/%s", "id", true},
    ResourceTitle{"secret_scopes", "Secret Scopes", "name", "", "id"},
    ResourceTitle{"secrets", "Secrets", "name", "explore/data/%s", "id", true},
    ResourceTitle{"sql_warehouses", "SQL Warehouses", "name", "sql/warehouses/%s", "id"},
    ResourceTitle{"synced_database_tables", "Synced database tables", "name", "explore/data/%s", "name"},
    ResourceTitle{"vector_search_endpoints", "Vector Search Endpoints", "name", "compute/vector-search/%s", "name"},
    ResourceTitle{"vector_search_indexes", "Vector Search Indexes", "name", "explore/data/%s", "name", true},
    ResourceTitle{"volumes", "Volumes", "name", "explore/data/volumes/%s", "id", true},
};

/// As URLs write a path: braces are escaped, what may stand in a path stays.
std::string escaped_path(std::string_view path) {
  constexpr std::string_view k_kept = "$&+,/:;=@";
  std::string out;
  for (const char c : path) {
    out += k_kept.find(c) == std::string_view::npos ? percent_encode({&c, 1}) : std::string(1, c);
  }
  return out;
}

std::string url_of(std::string_view page, const std::string& host, const std::string& workspace_id) {
  const bool told = workspace_id.empty() || host.find(workspace_id) != std::string::npos;
  return host + "/" + escaped_path(page) + (told ? "" : "?w=" + workspace_id);
}

/// A run is found through its job; that one may be a reference in the configuration.
std::string page_of_run(const Json& config, const deploy::DeployedResource* deployed, const std::string& host,
                        const std::string& workspace_id) {
  auto job = config.get_integer("job_id");
  if (job == 0 && deployed != nullptr) {
    job = deployed->state.get_integer("job_id");
  }
  const auto run = config.get_string("id");
  return job == 0 || run.empty() ? std::string()
                                 : url_of("jobs/" + std::to_string(job) + "/runs/" + run, host, workspace_id);
}

} // namespace

ResourceTitle title_of(std::string_view kind) {
  const auto* it =
      std::find_if(k_titles.begin(), k_titles.end(), [&](const auto& title) { return title.kind == kind; });
  return it == k_titles.end() ? ResourceTitle{kind, kind, "name", "", "id"} : *it;
}

std::string shown_name(const ResourceTitle& title, const Json& config) {
  auto id = config.get_string("id");
  const bool by_id = title.kind == "apps" || title.kind == "secrets" || title.kind == "secret_scopes";
  if (by_id && !id.empty()) {
    return id;
  }
  if (title.kind == "secrets") {
    return config.get_string("catalog_name") + "." + config.get_string("schema_name") + "." + config.get_string("name");
  }
  constexpr std::string_view k_tables = "synced_tables/";
  if (title.kind == "postgres_synced_tables" && id.starts_with(k_tables)) {
    return id.substr(k_tables.size());
  }
  return config.get_string(title.name);
}

std::string page_of(const ResourceTitle& title, const Json& config, const std::string& host,
                    const std::string& workspace_id) {
  const auto status = config.get_string("modified_status");
  auto id = title.id.empty() ? shown_name(title, config) : config.get_string(title.id);
  // Names that are not known in full yet, and what is not there (apps do not tell otherwise).
  const bool partial = (title.kind == "postgres_synced_tables" || title.kind == "vector_search_indexes") &&
                       std::count(id.begin(), id.end(), '.') != 2;
  const bool absent = (title.kind == "database_instances" && status == "created") ||
                      (title.kind == "apps" && (status.empty() || status == "created"));
  if (title.page.empty() || id.empty() || partial || absent) {
    return {};
  }
  if (title.dotted) {
    std::replace(id.begin(), id.end(), '.', '/');
  }
  return url_of(replace_all(std::string(title.page), "%s", id), host, workspace_id);
}

Json with_deployment(Json config, const std::map<std::string, deploy::DeployedResource>& deployed,
                     const std::string& host, const std::string& workspace_id) {
  auto resources = config.contains("resources") ? std::move(config["resources"]) : Json::object();
  if (!resources.is_object()) {
    resources = Json::object();
  }
  for (const auto& [key, known] : deployed) {
    const auto dot = key.find('.');
    auto& resource = resources[key.substr(0, dot)][key.substr(dot + 1)];
    if (!resource.is_object()) {
      resource = Json::object({{"modified_status", "deleted"}});
    }
    resource["id"] = known.id;
    if (const auto* etag = known.state.find("etag"); etag != nullptr && *etag != Json("")) {
      resource["etag"] = *etag;
    }
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
      const auto known = deployed.find(kind + "." + key);
      auto page = kind == "job_runs"
                      ? page_of_run(resource, known == deployed.end() ? nullptr : &known->second, host, workspace_id)
                      : page_of(title, resource, host, workspace_id);
      if (!page.empty()) {
        resource["url"] = std::move(page);
      }
    }
  }
  config["resources"] = std::move(resources);
  return config;
}

} // namespace pier::cli

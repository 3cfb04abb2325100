#include "core/workspace_client/lookup.hpp"

#include <algorithm>
#include <array>

namespace pier::workspace_client {
namespace {

struct Listing {
  std::string_view kind;
  std::string_view path;
  std::string_view items;
  std::string_view name; ///< field with the name
  std::string_view id;   ///< field with the id
  std::string_view one;  ///< the official CLI's words in messages
  std::string_view many;
  char quote = '\'';
};

constexpr std::array k_listings = {
    Listing{"alert", "/api/2.0/alerts", "alerts", "display_name", "id", "ListAlertsResponseAlert",
            "ListAlertsResponseAlert"},
    Listing{"cluster", "/api/2.1/clusters/list", "clusters", "cluster_name", "cluster_id", "cluster", "clusters"},
    Listing{"cluster_policy", "/api/2.0/policies/clusters/list", "policies", "name", "policy_id", "Policy", "Policy"},
    Listing{"dashboard", "/api/2.0/lakeview/dashboards", "dashboards", "display_name", "dashboard_id", "dashboard",
            "dashboards"},
    Listing{"instance_pool", "/api/2.0/instance-pools/list", "instance_pools", "instance_pool_name", "instance_pool_id",
            "InstancePoolAndStats", "InstancePoolAndStats"},
    Listing{"job", "/api/2.2/jobs/list", "jobs", "name", "job_id", "BaseJob", "BaseJob"},
    Listing{"metastore", "/api/2.1/unity-catalog/metastores", "metastores", "name", "metastore_id", "metastore",
            "metastores", '"'},
    Listing{"notification_destination", "/api/2.0/notification-destinations", "results", "display_name", "id",
            "notification destination", "clusters", '"'},
    Listing{"pipeline", "/api/2.0/pipelines", "statuses", "name", "pipeline_id", "PipelineStateInfo",
            "PipelineStateInfo"},
    Listing{"query", "/api/2.0/sql/queries", "results", "display_name", "id", "ListQueryObjectsResponseQuery",
            "ListQueryObjectsResponseQuery"},
    Listing{"service_principal", "/api/2.0/preview/scim/v2/ServicePrincipals", "Resources", "displayName",
            "applicationId", "service principal", "service principals", '"'},
    Listing{"warehouse", "/api/2.0/sql/warehouses", "warehouses", "name", "id", "EndpointInfo", "EndpointInfo"},
};

/// A job's name stands in its settings.
std::string name_of(const Json& item, const Listing& listing) {
  if (const auto* settings = item.find("settings"); settings != nullptr && !item.contains(listing.name)) {
    return settings->get_string(listing.name);
  }
  return item.get_string(listing.name);
}

std::string id_of(const Json& item, const Listing& listing) {
  const auto* id = item.find(listing.id);
  if (id == nullptr) {
    return {};
  }
  return id->is_string() ? id->as_string() : id->dump();
}

http::Query query_for(const Listing& listing, const std::string& name) {
  http::Query query;
  if (listing.kind == "job") {
    query.add("name", name);
  } else if (listing.kind == "service_principal") {
    query.add("filter", "displayName eq \"" + name + "\"");
  }
  return query;
}

} // namespace

Result<std::string> look_up_id(RestClient& client, const std::string& kind, const std::string& name) {
  const auto listing =
      std::find_if(k_listings.begin(), k_listings.end(), [&](const Listing& l) { return l.kind == kind; });
  if (listing == k_listings.end()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2015",
                 .message = "'" + kind + "' cannot be looked up",
                 .hint = "look up a warehouse, cluster, job, pipeline, service_principal …"};
  }
  PIER_TRY_ASSIGN(const auto items, client.list(std::string(listing->path), listing->items, query_for(*listing, name)));
  std::vector<std::string> ids;
  for (const auto& item : items) {
    if (name_of(item, *listing) == name) {
      ids.push_back(id_of(item, *listing));
    }
  }
  if (ids.size() == 1) {
    return ids.front();
  }
  const auto quoted = listing->quote + name + listing->quote;
  if (ids.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER2013",
                 .message = std::string(listing->one) + " named " + quoted + " does not exist",
                 .hint = "correct the name of the " + kind + ", or the workspace"};
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER2014",
               .message = "there are " + std::to_string(ids.size()) + " instances of " + std::string(listing->many) +
                          " named " + quoted,
               .hint = "give the id itself"};
}

} // namespace pier::workspace_client

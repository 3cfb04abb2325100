#include "bundles/config/path.hpp"
#include "bundles/lower/lower.hpp"
#include "core/base/json_nulls.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace pier::bundles {
namespace {

struct Named {
  std::string_view kind;
  std::string_view name;
};

/// Object types of the permissions API.
constexpr std::array k_permission_types = {Named{"alerts", "/alertsv2/"},
                                           Named{"apps", "/apps/"},
                                           Named{"clusters", "/clusters/"},
                                           Named{"dashboards", "/dashboards/"},
                                           Named{"database_instances", "/database-instances/"},
                                           Named{"experiments", "/experiments/"},
                                           Named{"genie_spaces", "/genie/"},
                                           Named{"instance_pools", "/instance-pools/"},
                                           Named{"jobs", "/jobs/"},
                                           Named{"model_serving_endpoints", "/serving-endpoints/"},
                                           Named{"models", "/registered-models/"},
                                           Named{"pipelines", "/pipelines/"},
                                           Named{"postgres_projects", "/database-projects/"},
                                           Named{"sql_warehouses", "/sql/warehouses/"},
                                           Named{"vector_search_endpoints", "/vector-search-endpoints/"}};

/// The field that the permissions API takes as id where it is not the resource's id.
constexpr std::array k_permission_ids = {Named{"model_serving_endpoints", "endpoint_id"}, Named{"models", "model_id"},
                                         Named{"postgres_projects", "project_id"},
                                         Named{"vector_search_endpoints", "endpoint_uuid"}};

constexpr std::array k_securable_types = {Named{"catalogs", "catalog"},
                                          Named{"external_locations", "external_location"},
                                          Named{"registered_models", "function"},
                                          Named{"schemas", "schema"},
                                          Named{"secrets", "secret"},
                                          Named{"vector_search_indexes", "table"},
                                          Named{"volumes", "volume"}};

template <std::size_t N> std::string name_of(const std::array<Named, N>& names, std::string_view kind) {
  const auto* it = std::find_if(names.begin(), names.end(), [&](const Named& entry) { return entry.kind == kind; });
  return it == names.end() ? std::string() : std::string(it->name);
}

/// What the state of a started kind keeps of `lifecycle`.
void keep_started(Json& config, const Value& resource) {
  const Value* started = resource.find_path({"lifecycle", "started"});
  if (started != nullptr && !started->is_nil()) {
    config["lifecycle"] = Json::object({{"started", started->to_json()}});
  }
}

Json secret_scope_config(const Value& scope) {
  Json config = Json::object({{"scope", scope.text_of("name")}});
  if (const auto backend = scope.text_of("backend_type"); !backend.empty()) {
    config["scope_backend_type"] = backend;
  }
  if (const Value* vault = scope.find("keyvault_metadata"); vault != nullptr && !vault->is_nil()) {
    config["backend_azure_keyvault"] = vault->to_json(true);
  }
  return config;
}

bool runs_on_deploy(const Value& run) {
  const Value* triggers = run.find_path({"lifecycle", "triggers"});
  return triggers != nullptr && triggers->is_list() && !triggers->as_list().empty();
}

Json resource_config(std::string_view kind, const Value& resource) {
  if (kind == "secret_scopes") {
    return secret_scope_config(resource);
  }
  Json config = resource.to_json(true);
  drop_null_members(config);
  for (const std::string_view key : {"permissions", "grants", "lifecycle", "id", "url", "modified_status"}) {
    if (key != "url" || kind != "external_locations") {
      config.erase(key);
    }
  }
  if (kind == "apps" || kind == "clusters" || kind == "sql_warehouses") {
    keep_started(config, resource);
  } else if (kind == "volumes") {
    config.erase("volume_path");
  } else if (kind == "dashboards") {
    config.erase("file_path");
    config["published"] = true;
  } else if (kind == "job_runs") {
    config["result_state"] = "SUCCESS";
    if (runs_on_deploy(resource)) {
      // deploy puts a new mark here each time, so that the run is made again
      config["lifecycle"] = Json::object({{"triggers", Json::object({{"on_bundle_deploy", true}})}});
    }
  }
  return config;
}

Json permissions_config(std::string_view kind, const std::string& key, const Value& list) {
  const auto id_field = name_of(k_permission_ids, kind);
  Json entries = Json::array();
  for (const auto& entry : list.as_list()) {
    Json out = Json::object();
    for (const std::string_view field : {"level", "user_name", "service_principal_name", "group_name"}) {
      if (auto text = entry.text_of(field); !text.empty()) {
        out[field] = std::move(text);
      }
    }
    entries.push_back(std::move(out));
  }
  return Json::object({{"object_id", name_of(k_permission_types, kind) + "${resources." + std::string(kind) + "." +
                                         key + "." + (id_field.empty() ? "id" : id_field) + "}"},
                       {"__embed__", std::move(entries)}});
}

int scope_rank(const std::string& level) {
  return level == "MANAGE" ? 3 : level == "WRITE" ? 2 : 1;
}

/// Access lists of a secret scope: one entry per principal with its highest level; the deployer manages.
Json scope_acls(const Loading& loading, const std::string& key, const Value* list) {
  std::map<std::string, std::pair<std::string, std::string>> acls; ///< sorted by "user:x" → principal, level
  const auto add = [&](const std::string& sort, const std::string& principal, const std::string& level) {
    auto& entry = acls[sort + principal];
    if (entry.second.empty() || scope_rank(level) > scope_rank(entry.second)) {
      entry = {principal, level};
    }
  };
  if (list != nullptr && list->is_list()) {
    for (const auto& entry : list->as_list()) {
      const auto level = entry.text_of("level");
      if (auto user = entry.text_of("user_name"); !user.empty()) {
        add("user:", user, level);
      } else if (auto group = entry.text_of("group_name"); !group.empty()) {
        add("group:", group, level);
      } else if (auto principal = entry.text_of("service_principal_name"); !principal.empty()) {
        add("sp:", principal, level);
      }
    }
  }
  add(loading.user.is_service_principal ? "sp:" : "user:", loading.user.user_name, "MANAGE");
  Json entries = Json::array();
  for (const auto& [sort, entry] : acls) {
    entries.push_back(Json::object({{"permission", entry.second}, {"principal", entry.first}}));
  }
  return Json::object({{"scope_name", "${resources.secret_scopes." + key + ".name}"}, {"acls", std::move(entries)}});
}

Json grants_config(std::string_view kind, const std::string& key, const Value& list) {
  Json entries = Json::array();
  for (const auto& grant : list.as_list()) {
    Json out = Json::object({{"principal", grant.text_of("principal")}});
    std::vector<std::string> privileges;
    if (const Value* written = grant.find("privileges"); written != nullptr && written->is_list()) {
      for (const auto& privilege : written->as_list()) {
        if (privilege.is_text()) {
          privileges.push_back(privilege.as_text());
        }
      }
    }
    std::sort(privileges.begin(), privileges.end());
    if (std::find(privileges.begin(), privileges.end(), "ALL_PRIVILEGES") != privileges.end()) {
      privileges = {"ALL_PRIVILEGES"};
    }
    out["privileges"] = Json::strings(privileges);
    entries.push_back(std::move(out));
  }
  return Json::object({{"securable_type", name_of(k_securable_types, kind)},
                       {"full_name", "${resources." + std::string(kind) + "." + key + ".id}"},
                       {"__embed__", std::move(entries)}});
}

} // namespace

model::ResourceGraph lower_resources(Loading& loading) {
  model::ResourceGraph graph;
  const auto add = [&](const model::ResourceKey& key, Json config, const Value& at) {
    graph.nodes.insert_or_assign(key, model::ResourceNode{key, std::move(config), at.place().to_span()});
  };
  for_each_resource(loading.config, [&](std::string_view kind, const std::string& key, const Value& resource) {
    const model::ResourceKey own{std::string(kind), key, {}};
    add(own, resource_config(kind, resource), resource);
    const Value* permissions = resource.find("permissions");
    if (kind == "secret_scopes") {
      add({own.kind, key, "permissions"}, scope_acls(loading, key, permissions),
          permissions == nullptr ? resource : *permissions);
    } else if (permissions != nullptr && permissions->is_list() && !name_of(k_permission_types, kind).empty()) {
      add({own.kind, key, "permissions"}, permissions_config(kind, key, *permissions), *permissions);
    }
    const Value* grants = resource.find("grants");
    if (grants != nullptr && grants->is_list() && !name_of(k_securable_types, kind).empty()) {
      add({own.kind, key, "grants"}, grants_config(kind, key, *grants), *grants);
    }
  });
  return graph;
}

} // namespace pier::bundles

#include "core/base/text.hpp"
#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <array>

namespace pier::deploy::kinds {
namespace {

constexpr std::array k_owners = {
    "alerts",      "apps",         "clusters",          "dashboards",     "database_instances",
    "experiments", "genie_spaces", "instance_pools",    "jobs",           "model_serving_endpoints",
    "models",      "pipelines",    "postgres_projects", "sql_warehouses", "vector_search_endpoints"};

/// "/sql/warehouses/ab c" → "/api/2.0/permissions/sql/warehouses/ab%20c"
std::string api_path(const std::string& object_id) {
  const auto slash = object_id.rfind('/');
  return "/api/2.0/permissions" + object_id.substr(0, slash + 1) +
         workspace_client::encode_segment(object_id.substr(slash + 1));
}

/// Only what was set on the object itself counts.
Json entries_of(const Json& answer) {
  auto entries = Json::array();
  const auto* list = answer.find("access_control_list");
  if (list == nullptr || !list->is_array()) {
    return entries;
  }
  for (const auto& control : list->as_array()) {
    const auto* permissions = control.find("all_permissions");
    if (permissions == nullptr || !permissions->is_array()) {
      continue;
    }
    for (const auto& permission : permissions->as_array()) {
      if (permission.get_bool("inherited")) {
        continue;
      }
      auto entry = pick(control, {"user_name", "service_principal_name", "group_name"});
      entry["level"] = permission.get_string("permission_level");
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

Result<Json> read(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(const auto answer, operation.client.get(api_path(id)));
  auto remote = Json::object({{"object_id", id}});
  if (auto entries = entries_of(answer); !entries.is_empty()) {
    remote["__embed__"] = std::move(entries);
  }
  return remote;
}

Result<void> set(Operation& operation, const Json& state) {
  auto list = Json::array();
  if (const auto* entries = state.find("__embed__"); entries != nullptr && entries->is_array()) {
    for (const auto& entry : entries->as_array()) {
      auto control = pick(entry, {"user_name", "service_principal_name", "group_name"});
      control["permission_level"] = entry.get_string("level");
      list.push_back(std::move(control));
    }
  }
  PIER_TRY(operation.client.put(api_path(state.get_string("object_id")),
                                Json::object({{"access_control_list", std::move(list)}})));
  return {};
}

Kind permissions_of(std::string_view owner) {
  Kind kind;
  kind.name = std::string(owner) + ".permissions";
  kind.state_fields = {"object_id", "__embed__"};
  kind.keyed = {{"", {"user_name", "service_principal_name", "group_name"}}};
  kind.reference_fields = {"object_id"};
  kind.leading_members = {"object_id", "level", "user_name", "service_principal_name", "group_name"};
  kind.create_is_repeatable = true;
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.read = read;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY(set(operation, state));
    return state.get_string("object_id");
  };
  kind.update = [](Operation& operation, const Update&, Json& state) { return set(operation, state); };
  // What is no longer managed stays as it is; with its owner it goes anyway.
  kind.remove = [](Operation&, const std::string&, const Json&) -> Result<void> { return {}; };
  return kind;
}

} // namespace

std::vector<Kind> permissions() {
  std::vector<Kind> kinds;
  for (const auto* owner : k_owners) {
    kinds.push_back(permissions_of(owner));
  }
  return kinds;
}

} // namespace pier::deploy::kinds

#include "core/apps/app_config.hpp"

#include "core/apps/resources.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::apps {
namespace {

constexpr std::array<std::string_view, 13> k_config_fields = {"description",
                                                              "resources",
                                                              "user_api_scopes",
                                                              "compute_size",
                                                              "compute_min_instances",
                                                              "compute_max_instances",
                                                              "budget_policy_id",
                                                              "usage_policy_id",
                                                              "forward_user_access_token",
                                                              "git_repository",
                                                              "telemetry_export_destinations",
                                                              "default_source_code_path",
                                                              "space"};

constexpr std::array<std::string_view, 20> k_output_fields = {"name",
                                                              "id",
                                                              "url",
                                                              "creator",
                                                              "updater",
                                                              "create_time",
                                                              "update_time",
                                                              "service_principal_id",
                                                              "service_principal_client_id",
                                                              "service_principal_name",
                                                              "oauth2_app_client_id",
                                                              "oauth2_app_integration_id",
                                                              "app_status",
                                                              "compute_status",
                                                              "active_deployment",
                                                              "pending_deployment",
                                                              "effective_budget_policy_id",
                                                              "effective_usage_policy_id",
                                                              "effective_user_api_scopes",
                                                              "thumbnail_url"};

template <std::size_t Size> bool is_in(std::string_view name, const std::array<std::string_view, Size>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error invalid(std::string message) {
  return {.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

} // namespace

Result<void> check_app_name(std::string_view name) {
  const bool fine = name.size() >= 2 && name.size() <= 30 && std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    });
  if (!fine) {
    return invalid("App name must be 2 to 30 characters of lower case letters, digits and hyphens: '" +
                   std::string(name) + "'");
  }
  // A folder beside those of the apps.
  if (name == "environments") {
    return invalid("App name 'environments' is taken by the workspace itself");
  }
  return {};
}

Result<Json> config_of_request(const Json& request) {
  Json config = Json::object();
  if (!request.is_object()) {
    return invalid("the request must be an App");
  }
  for (const auto& [name, value] : request.as_object()) {
    if (is_in(name, k_config_fields)) {
      if (!value.is_null()) {
        config[name] = value;
      }
    } else if (!is_in(name, k_output_fields)) {
      return invalid("App has no field " + name);
    }
  }
  PIER_TRY(parse_resources(config));
  return config;
}

Result<Json> apply_update(const Json& config, const Json& change, std::string_view mask) {
  PIER_TRY_ASSIGN(const auto wanted, config_of_request(change));
  Json result = config.is_object() ? config : Json::object();
  std::vector<std::string> names = split(mask, ',');
  if (trim(mask) == "*" || trim(mask).empty()) {
    names.assign(k_config_fields.begin(), k_config_fields.end());
  }
  for (const auto& part : names) {
    const std::string name(trim(part));
    if (!is_in(name, k_config_fields)) {
      return invalid("update_mask names " + name + ", which is no field of App that can be changed");
    }
    if (const Json* value = wanted.find(name)) {
      result[name] = *value;
    } else {
      result.erase(name);
    }
  }
  return result;
}

std::vector<std::string> user_scopes(const Json& config) {
  auto scopes = config.get_strings("user_api_scopes");
  if (!scopes.empty()) {
    for (const char* always : {"iam.current-user:read", "iam.access-control:read"}) {
      if (std::find(scopes.begin(), scopes.end(), always) == scopes.end()) {
        scopes.emplace_back(always);
      }
    }
  }
  return scopes;
}

} // namespace pier::apps

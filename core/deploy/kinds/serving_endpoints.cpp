#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <algorithm>
#include <map>

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/serving-endpoints";
constexpr auto k_wait = std::chrono::minutes(35);

const std::vector<std::string> k_returned = {
    "ai_gateway", "budget_policy_id", "config", "description",     "email_notifications",
    "name",       "route_optimized",  "tags",   "telemetry_config"};

/// What the service adds to a configuration that it tells back.
Json config_of(const Json& told) {
  auto config = pick(told, {"auto_capture_config", "served_entities", "traffic_config"});
  if (auto* capture = config.find("auto_capture_config"); capture != nullptr) {
    *capture = pick(*capture, {"catalog_name", "schema_name", "table_name_prefix", "enabled"});
  }
  if (auto* entities = config.find("served_entities"); entities != nullptr && entities->is_array()) {
    for (auto& entity : entities->as_array()) {
      entity =
          pick(entity, {"entity_name", "entity_version", "environment_vars", "external_model", "instance_profile_arn",
                        "max_provisioned_concurrency", "max_provisioned_throughput", "min_provisioned_concurrency",
                        "min_provisioned_throughput", "name", "provisioned_model_units", "scale_to_zero_enabled",
                        "workload_size", "workload_type", "burst_scaling_enabled"});
    }
  }
  return config;
}

Json state_of(const Json& details) {
  auto state = pick(details, k_returned);
  if (auto* config = state.find("config"); config != nullptr) {
    *config = config_of(*config);
  }
  return state;
}

Result<Json> read(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(const auto details, operation.client.get(path_of(k_base, id)));
  auto remote = state_of(details);
  std::erase_if(remote.as_object(), [](const auto& member) { return is_empty_value(member.second); });
  remote["endpoint_details"] = details;
  remote["endpoint_id"] = details.get_string("id");
  return remote;
}

Result<void> wait_until_ready(Operation& operation, const std::string& id) {
  PIER_TRY(workspace_client::poll_until(
      operation.client, k_wait, "serving endpoint " + id, [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(auto details, operation.client.get(path_of(k_base, id)));
        const auto state = text_at(details, "state", "config_update");
        if (state == "NOT_UPDATING") {
          return std::optional(std::move(details));
        }
        if (state == "UPDATE_FAILED" || state == "UPDATE_CANCELED") {
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER2033",
                       .message = "failed to reach NOT_UPDATING, got " + state + ": "};
        }
        return std::optional<Json>();
      }));
  return {};
}

std::map<std::string, std::string> tags_of(const Json* list) {
  std::map<std::string, std::string> tags;
  if (list != nullptr && list->is_array()) {
    for (const auto& tag : list->as_array()) {
      tags[tag.get_string("key")] = tag.get_string("value");
    }
  }
  return tags;
}

Result<void> update_tags(Operation& operation, const std::string& id, const Json& state) {
  PIER_TRY_ASSIGN(const auto details, operation.client.get(path_of(k_base, id)));
  const auto current = tags_of(details.find("tags"));
  const auto wanted = tags_of(state.find("tags"));
  auto body = Json::object();
  for (const auto& [key, value] : wanted) {
    const auto it = current.find(key);
    if (it == current.end() || it->second != value) {
      body["add_tags"].push_back(Json::object({{"key", key}, {"value", value}}));
    }
  }
  for (const auto& [key, value] : current) {
    if (!wanted.contains(key)) {
      body["delete_tags"].push_back(Json(key));
    }
  }
  PIER_TRY(operation.client.patch(path_of(k_base, id, "/tags"), std::move(body)).context("failed to update tags"));
  return {};
}

bool changes(const Update& update, const std::string& field) {
  return std::any_of(update.changes.begin(), update.changes.end(), [&](const auto& item) {
    const auto& path = item.first;
    return item.second.action != Action::skip && path.starts_with(field) &&
           (path.size() == field.size() || path[field.size()] == '.' || path[field.size()] == '[');
  });
}

/// Each part of an endpoint has its own call.
Result<void> update(Operation& operation, const Update& update, Json& state) {
  const auto& id = update.id;
  const auto part = [&](std::string_view field) {
    const auto* value = state.find(field);
    return value == nullptr ? Json::object() : *value;
  };
  if (changes(update, "tags")) {
    PIER_TRY(update_tags(operation, id, state));
  }
  if (changes(update, "ai_gateway")) {
    PIER_TRY(operation.client
                 .put(path_of(k_base, id, "/ai-gateway"),
                      pick(part("ai_gateway"), {"fallback_config", "guardrails", "inference_table_config",
                                                "rate_limits", "usage_tracking_config"}))
                 .context("failed to update AI gateway"));
  }
  if (changes(update, "config")) {
    PIER_TRY(operation.client
                 .put(path_of(k_base, id, "/config"), pick(part("config"), {"auto_capture_config", "served_entities",
                                                                            "served_models", "traffic_config"}))
                 .context("failed to update config"));
  }
  if (changes(update, "email_notifications")) {
    PIER_TRY(operation.client.patch(path_of(k_base, id, "/notifications"), pick(state, {"email_notifications"}))
                 .context("failed to update notifications"));
  }
  if (changes(update, "telemetry_config")) {
    PIER_TRY(wait_until_ready(operation, id)); // the service takes one change at a time
    PIER_TRY(operation.client.patch(path_of(k_base, id, "/telemetry-config"), pick(state, {"telemetry_config"}))
                 .context("failed to update telemetry config"));
  }
  return {};
}

FieldRules make_rules() {
  FieldRules rules;
  rules.id_fields = kinds::rules("id_field", {"name"});
  rules.recreate = kinds::rules("immutable", {"description", "config.auto_capture_config.catalog_name",
                                              "config.auto_capture_config.schema_name",
                                              "config.auto_capture_config.table_name_prefix", "route_optimized"});
  rules.ignore_remote = kinds::rules("no_update_api", {"budget_policy_id"});
  append(rules.ignore_remote, kinds::rules("input_only", {"config.served_entities[*].burst_scaling_enabled",
                                                          "telemetry_config.table_names"}));
  for (const std::string secret :
       {"ai21labs_config.ai21labs_api_key", "amazon_bedrock_config.aws_access_key_id",
        "amazon_bedrock_config.aws_secret_access_key", "anthropic_config.anthropic_api_key",
        "cohere_config.cohere_api_key", "custom_provider_config.api_key_auth.value",
        "custom_provider_config.bearer_token_auth.token", "databricks_model_serving_config.databricks_api_token",
        "google_cloud_vertex_ai_config.private_key", "openai_config.openai_api_key",
        "openai_config.microsoft_entra_client_secret", "palm_config.palm_api_key"}) {
    rules.ignore_remote.push_back(
        FieldRule{.field = "config.served_entities[*].external_model." + secret + "_plaintext",
                  .reason = "input_only",
                  .values = {}});
  }
  append(rules.ignore_remote, kinds::rules("spec:output_only", {"telemetry_config.inference_table_config.name"}));
  rules.ignore_local =
      joined(kinds::rules("no_update_api", {"budget_policy_id"}), kinds::rules("not_implemented", {"rate_limits"}));
  rules.backend_defaults =
      kinds::rules("backend_default",
                   {"telemetry_config", "config.served_entities[*].name", "config.served_entities[*].workload_type",
                    "config.auto_capture_config.enabled", "config.traffic_config"});
  rules.backend_defaults.push_back(
      FieldRule{.field = "route_optimized", .reason = "backend_default", .values = {Json(false)}});
  rules.not_returned = {"rate_limits"};
  return rules;
}

} // namespace

Kind model_serving_endpoints() {
  Kind kind;
  kind.name = "model_serving_endpoints";
  kind.state_fields = k_returned;
  kind.state_fields.emplace_back("rate_limits");
  kind.remote_fields = {"endpoint_details", "endpoint_id"};
  kind.leading_members = kind.remote_fields;
  kind.remap = [](const Json& remote) {
    const auto* details = remote.find("endpoint_details");
    return details == nullptr ? Json::object() : state_of(*details);
  };
  kind.rules = make_rules();
  kind.read = read;
  kind.create = create_at(std::string(k_base), "name");
  kind.after_create = [](Operation& operation, const std::string& id, const Json&) {
    return wait_until_ready(operation, id);
  };
  kind.update = update;
  kind.after_update = kind.after_create;
  kind.remove = remove_at(std::string(k_base));
  return kind;
}

} // namespace pier::deploy::kinds

#include "core/deploy/redact.hpp"

#include "core/model/sensitive_fields.hpp"

namespace pier::deploy {
namespace {

/// True if there was something to hide.
bool redact_resources(std::span<const std::string_view> fields, Json& group) {
  bool any = false;
  for (auto& [key, resource] : group.as_object()) {
    for (const auto field : fields) {
      if (auto* value = resource.find(field); value != nullptr && !value->is_null()) {
        *value = k_redacted;
        any = true;
      }
    }
  }
  return any;
}

} // namespace

Json redacted_config(Json config) {
  bool any = false;
  if (auto* resources = config.find("resources"); resources != nullptr && resources->is_object()) {
    for (auto& [name, group] : resources->as_object()) {
      const auto fields = model::sensitive_fields(name);
      any = (!fields.empty() && group.is_object() && redact_resources(fields, group)) || any;
    }
  }
  auto* variables = any ? config.find("variables") : nullptr;
  if (variables != nullptr && variables->is_object()) {
    for (auto& [name, variable] : variables->as_object()) {
      if (auto* value = variable.find("value"); value != nullptr && value->is_string()) {
        *value = k_redacted;
      }
    }
  }
  return config;
}

} // namespace pier::deploy

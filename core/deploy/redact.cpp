#include "core/deploy/redact.hpp"

#include "core/deploy/kind.hpp"

namespace pier::deploy {
namespace {

/// True if there was something to hide.
bool redact_resources(const Kind& kind, Json& group) {
  bool any = false;
  for (auto& [key, resource] : group.as_object()) {
    for (const auto& field : kind.sensitive_fields) {
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
      const auto* kind = group.is_object() ? find_kind(name) : nullptr;
      any = (kind != nullptr && redact_resources(*kind, group)) || any;
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

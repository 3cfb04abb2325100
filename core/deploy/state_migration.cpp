#include "core/deploy/state_migration.hpp"

#include "core/base/text.hpp"

#include <vector>

namespace pier::deploy {
namespace {

constexpr std::string_view k_features_page =
    "https://docs.databricks.com/aws/en/dev-tools/bundles/state-features#state-features";

Error too_new(std::string message) {
  return Error{.kind = ErrorKind::unsupported, .code = "PIER2022", .message = std::move(message)};
}

void embed_entries(Json& state, std::string_view old_name) {
  if (auto* entries = state.find(old_name); entries != nullptr && entries->is_array()) {
    auto moved = std::move(*entries);
    for (auto& entry : moved.as_array()) {
      if (auto* level = entry.find("permission_level")) {
        auto value = std::move(*level);
        entry.erase("permission_level");
        entry["level"] = std::move(value);
      }
    }
    state.erase(old_name);
    state["__embed__"] = std::move(moved);
  }
}

} // namespace

Result<void> check_state_version(std::int64_t version, const Json* features) {
  if (version > k_state_version_supported) {
    return too_new("state version " + std::to_string(version) + " is newer than supported version " +
                   std::to_string(k_state_version_supported) + "; upgrade the CLI");
  }
  if (version == k_state_version_supported && features != nullptr && features->is_object() && !features->is_empty()) {
    std::vector<std::string> names;
    for (const auto& [name, value] : features->as_object()) {
      names.push_back(name);
    }
    return too_new("the deployment state requires features this CLI does not support: " + join(names, ", ") +
                   "; upgrade to the latest CLI version and see " + std::string(k_features_page) +
                   " for more information");
  }
  return {};
}

void migrate_resources(std::int64_t version, std::map<std::string, DeployedResource>& resources) {
  if (version >= k_state_version_written) {
    return;
  }
  for (auto& [key, resource] : resources) {
    for (const std::string_view part : {"permissions", "grants"}) {
      if (key.ends_with("." + std::string(part))) {
        embed_entries(resource.state, part);
      }
    }
  }
}

} // namespace pier::deploy

#include "core/model/bundle.hpp"

namespace pier::model {

const ResourceNode* ResourceGraph::find(const ResourceKey& key) const {
  const auto it = nodes.find(key);
  return it == nodes.end() ? nullptr : &it->second;
}

std::vector<ResourceKey> ResourceGraph::named(std::string_view name) const {
  std::vector<ResourceKey> found;
  for (const auto& [key, node] : nodes) {
    if (!key.is_part() && (key.key == name || key.kind + "." + key.key == name)) {
      found.push_back(key);
    }
  }
  return found;
}

bool forbids_code(const Environment& env) {
  return env.all().contains("DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION");
}

} // namespace pier::model

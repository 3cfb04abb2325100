#include "core/model/bundle.hpp"

namespace pier::model {

const ResourceNode* ResourceGraph::find(const ResourceKey& key) const {
  const auto it = nodes.find(key);
  return it == nodes.end() ? nullptr : &it->second;
}

} // namespace pier::model

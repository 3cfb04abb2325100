#pragma once

#include "bundles/yaml/value.hpp"
#include "core/model/field_table.hpp"

#include <algorithm>

namespace pier::bundles {

/// Walks a tree along the field table and drops the members for which `drop(entry, field, parent)` is true,
/// before what is below them is looked at. Members that the table does not know stay as they are.
template <class Drop> void drop_members(Value& value, model::Field field, const Drop& drop) {
  if (value.is_list()) {
    if (const auto element = field.element()) {
      for (auto& item : value.as_list()) {
        drop_members(item, *element, drop);
      }
    }
    return;
  }
  if (!value.is_map()) {
    return;
  }
  const auto dropped = std::erase_if(value.as_map().entries(), [&](Mapping::Entry& entry) {
    const auto member = field.member(entry.key);
    if (!member) {
      return false;
    }
    if (drop(entry, *member, field)) {
      return true;
    }
    drop_members(entry.value, *member, drop);
    return false;
  });
  if (dropped > 0) {
    value.as_map().reindex();
  }
}

} // namespace pier::bundles

#include "core/deploy/map_fields.hpp"

#include "core/deploy/field_path.hpp"

#include <algorithm>

namespace pier::deploy {

bool is_map(std::string_view name, const Json& value) {
  if (!value.is_object() || !is_map_field(name)) {
    return false;
  }
  const auto& members = value.as_object();
  return std::none_of(members.begin(), members.end(),
                      [](const auto& member) { return member.second.is_object() || member.second.is_array(); });
}

} // namespace pier::deploy

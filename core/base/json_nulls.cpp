#include "core/base/json_nulls.hpp"

namespace pier {

void drop_null_members(Json& json) {
  if (json.is_array()) {
    for (auto& item : json.as_array()) {
      drop_null_members(item);
    }
  } else if (json.is_object()) {
    std::erase_if(json.as_object(), [](const auto& member) { return member.second.is_null(); });
    for (auto& [name, member] : json.as_object()) {
      drop_null_members(member);
    }
  }
}

} // namespace pier

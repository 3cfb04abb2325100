#include "core/model/permission_level.hpp"

#include <algorithm>
#include <array>

namespace pier::model {
namespace {

struct TypeLevels {
  std::string_view type;
  std::span<const std::string_view> levels;
};

constexpr std::array<std::string_view, 2> k_use = {"CAN_USE", "CAN_MANAGE"};
constexpr std::array<std::string_view, 3> k_database = {"CAN_CREATE", "CAN_USE", "CAN_MANAGE"};
// CAN_MONITOR includes both weaker ones, which do not include each other.
constexpr std::array<std::string_view, 5> k_warehouse = {"CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE",
                                                         "IS_OWNER"};
constexpr std::array<std::string_view, 4> k_job = {"CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"};
constexpr std::array<std::string_view, 4> k_folder = {"CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"};

constexpr std::array<std::string_view, 17> k_all_levels = {"CAN_VIEW",
                                                           "CAN_READ",
                                                           "CAN_VIEW_METADATA",
                                                           "CAN_RUN",
                                                           "CAN_QUERY",
                                                           "CAN_USE",
                                                           "CAN_EDIT",
                                                           "CAN_EDIT_METADATA",
                                                           "CAN_CREATE",
                                                           "CAN_ATTACH_TO",
                                                           "CAN_RESTART",
                                                           "CAN_MONITOR",
                                                           "CAN_MANAGE_RUN",
                                                           "CAN_MANAGE_STAGING_VERSIONS",
                                                           "CAN_MANAGE_PRODUCTION_VERSIONS",
                                                           "CAN_MANAGE",
                                                           "IS_OWNER"};

constexpr std::array k_types = {
    TypeLevels{"apps", k_use},
    TypeLevels{"database-instances", k_database},
    TypeLevels{"database-projects", k_database},
    TypeLevels{"sql/warehouses", k_warehouse},
    TypeLevels{"warehouses", k_warehouse},
    TypeLevels{"jobs", k_job},
    TypeLevels{"directories", k_folder},
    TypeLevels{"files", k_folder},
    TypeLevels{"notebooks", k_folder},
};

} // namespace

std::span<const std::string_view> levels_of(std::string_view object_type) {
  const auto it =
      std::find_if(k_types.begin(), k_types.end(), [&](const TypeLevels& entry) { return entry.type == object_type; });
  return it == k_types.end() ? std::span<const std::string_view>() : it->levels;
}

bool includes_level(std::string_view object_type, std::string_view held, std::string_view needed) {
  const auto levels = levels_of(object_type);
  if (levels.data() == k_warehouse.data() && held == "CAN_USE" && needed == "CAN_VIEW") {
    return false;
  }
  const auto held_at = std::find(levels.begin(), levels.end(), held);
  const auto needed_at = std::find(levels.begin(), levels.end(), needed);
  return held_at != levels.end() && needed_at != levels.end() && held_at >= needed_at;
}

int rank_of_level(std::string_view level) {
  if (level.empty()) {
    return -1;
  }
  int rank = 0;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < k_all_levels.size(); ++i) {
    if (k_all_levels[i].size() > longest && level.starts_with(k_all_levels[i])) {
      longest = k_all_levels[i].size();
      rank = static_cast<int>(i) + 1;
    }
  }
  return rank;
}

} // namespace pier::model

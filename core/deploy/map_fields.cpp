#include "core/deploy/map_fields.hpp"

#include <algorithm>
#include <array>

namespace pier::deploy {
namespace {

constexpr std::array<std::string_view, 22> k_maps = {"base_parameters",
                                                     "client_config",
                                                     "configs",
                                                     "configuration",
                                                     "custom_tags",
                                                     "environment_vars",
                                                     "filters",
                                                     "format_options",
                                                     "job_parameters",
                                                     "named_parameters",
                                                     "notebook_base_parameters",
                                                     "notebook_params",
                                                     "options",
                                                     "parameters",
                                                     "pg_settings",
                                                     "properties",
                                                     "python_named_params",
                                                     "spark_conf",
                                                     "spark_env_vars",
                                                     "sql_params",
                                                     "table_properties",
                                                     "tags"};

} // namespace

bool is_map(std::string_view name, const Json& value) {
  if (!value.is_object() || std::find(k_maps.begin(), k_maps.end(), name) == k_maps.end()) {
    return false;
  }
  const auto& members = value.as_object();
  return std::none_of(members.begin(), members.end(),
                      [](const auto& member) { return member.second.is_object() || member.second.is_array(); });
}

} // namespace pier::deploy

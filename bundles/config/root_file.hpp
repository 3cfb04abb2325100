#pragma once

#include "bundles/load.hpp"

#include <array>
#include <filesystem>
#include <string_view>

namespace pier::bundles {

inline constexpr std::array<std::string_view, 4> k_root_file_names = {"databricks.yml", "databricks.yaml", "bundle.yml",
                                                                      "bundle.yaml"};

/// The one root file in a folder. Error PIER1001 (none) or PIER1002 (several).
Result<std::filesystem::path> find_root_file(const std::filesystem::path& folder);

} // namespace pier::bundles

#pragma once

#include "bundles/yaml/value.hpp"
#include "core/base/diagnostics.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace pier::bundles {

/// Limits on what a file may make us hold.
inline constexpr std::size_t k_max_yaml_bytes = 64ULL * 1024 * 1024;
inline constexpr std::size_t k_max_yaml_depth = 400;
inline constexpr std::size_t k_max_yaml_values = 4'000'000; ///< of one file, before aliases
inline constexpr std::size_t k_max_alias_nodes = 1'000'000; ///< nodes that aliases and merge keys copy

/// Reads the first YAML document of `text` (JSON is YAML too). An empty text is nil. Anchors, aliases and
/// merge keys are expanded; every value and key has its place. Problems go to `diagnostics`; after a
/// syntax error there is no value. `file` is how people see the name.
std::optional<Value> read_yaml(std::string_view text, const std::string* file, Diagnostics& diagnostics);

} // namespace pier::bundles

#pragma once

#include "bundles/loading.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pier::bundles {

/// Reports what Python said (one JSON object per line). False if that cannot be read or holds an error.
bool report_python_problems(Loading& loading, const std::string& lines);

/// The `resources` that Python gave back, as a map, every value with its place in the Python code.
/// Nothing after a report.
std::optional<Value> read_python_resources(Loading& loading, const PythonAnswer& answer);

using ResourceNames = std::vector<std::pair<std::string, std::string>>; ///< kind, key

/// How two sections `resources` differ.
struct ResourceChanges {
  ResourceNames added;
  ResourceNames updated;
  ResourceNames deleted;
};

/// Lists and maps that are empty count as absent.
ResourceChanges compare_resources(const Value& before, const Value& after);

} // namespace pier::bundles

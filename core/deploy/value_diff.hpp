#pragma once

#include "core/base/json.hpp"
#include "core/deploy/field_path.hpp"

#include <map>
#include <string>
#include <vector>

namespace pier::deploy {

/// Lists whose items are told apart by a field instead of their place: pattern of the list → the fields
/// that may identify an item, the first one present counts ("tasks" → {"task_key"}). "" is the root.
using KeyedLists = std::map<std::string, std::vector<std::string>, std::less<>>;

/// One difference. A value that is not there is null.
struct ValueChange {
  FieldPath path;
  Json before;
  Json after;
};

/// Smallest differences between two values: members of objects one by one, lists of the same length
/// item by item, keyed lists by key (order does not count), anything else as a whole.
std::vector<ValueChange> diff_values(const Json& before, const Json& after, const KeyedLists& keyed = {});

/// The same value; 1 and 1.0 are.
bool same_value(const Json& a, const Json& b);

/// null, "", 0, false, [] and {}: what the workspace may return for "not set".
bool is_empty_value(const Json& value);

} // namespace pier::deploy

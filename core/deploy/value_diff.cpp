#include "core/deploy/value_diff.hpp"

#include "core/deploy/map_fields.hpp"

#include <algorithm>
#include <set>

namespace pier::deploy {
namespace {

class Differ {
 public:
  Differ(const KeyedLists& keyed, std::vector<ValueChange>& changes)
      : keyed_(keyed),
        changes_(changes) {}

  void compare(const FieldPath& path, const Json& before, const Json& after) {
    if (before.is_object() && after.is_object()) {
      compare_objects(path, before, after);
    } else if (before.is_array() && after.is_array()) {
      compare_lists(path, before.as_array(), after.as_array());
    } else if (!same_value(before, after)) {
      changes_.push_back({path, before, after});
    }
  }

 private:
  void compare_objects(const FieldPath& path, const Json& before, const Json& after) {
    std::set<std::string> names;
    for (const auto* object : {&before, &after}) {
      for (const auto& [name, value] : object->as_object()) {
        names.insert(name);
      }
    }
    const bool map = !path.is_root() && path.steps().back().kind == FieldPath::Step::Kind::field &&
                     is_map(path.steps().back().name, before) && is_map(path.steps().back().name, after);
    static const Json k_absent;
    for (const auto& name : names) {
      const auto* old_value = before.find(name);
      const auto* new_value = after.find(name);
      const auto child = name == k_embedded_list ? path : (map ? path.map_key(name) : path.field(name));
      compare(child, old_value == nullptr ? k_absent : *old_value, new_value == nullptr ? k_absent : *new_value);
    }
  }

  void compare_lists(const FieldPath& path, const Json::Array& before, const Json::Array& after) {
    const auto keys = keyed_.find(path.to_pattern());
    if (keys != keyed_.end()) {
      compare_keyed(path, before, after, keys->second);
      return;
    }
    if (before.size() != after.size()) {
      changes_.push_back({path, before, after});
      return;
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
      compare(path.index(i), before[i], after[i]);
    }
  }

  using ItemKey = std::pair<std::string, std::string>;

  static ItemKey key_of(const Json& item, const std::vector<std::string>& names) {
    for (const auto& name : names) {
      if (const auto value = item.get_string(name); !value.empty()) {
        return {name, value};
      }
    }
    return {names.empty() ? std::string() : names.front(), std::string()};
  }

  void compare_keyed(const FieldPath& path, const Json::Array& before, const Json::Array& after,
                     const std::vector<std::string>& names) {
    std::vector<ItemKey> order;
    std::map<ItemKey, std::vector<const Json*>> old_items;
    std::map<ItemKey, std::vector<const Json*>> new_items;
    const auto collect = [&](const Json::Array& items, auto& into) {
      for (const auto& item : items) {
        const auto key = key_of(item, names);
        into[key].push_back(&item);
        if (std::find(order.begin(), order.end(), key) == order.end()) {
          order.push_back(key);
        }
      }
    };
    collect(before, old_items);
    collect(after, new_items);
    for (const auto& key : order) {
      const auto& olds = old_items[key];
      const auto& news = new_items[key];
      const auto place = path.keyed(key.first, key.second);
      for (std::size_t i = 0; i < std::max(olds.size(), news.size()); ++i) {
        if (i < olds.size() && i < news.size()) {
          compare(place, *olds[i], *news[i]);
        } else {
          changes_.push_back({place, i < olds.size() ? *olds[i] : Json(), i < news.size() ? *news[i] : Json()});
        }
      }
    }
  }

  const KeyedLists& keyed_;
  std::vector<ValueChange>& changes_;
};

} // namespace

std::vector<ValueChange> diff_values(const Json& before, const Json& after, const KeyedLists& keyed) {
  std::vector<ValueChange> changes;
  Differ(keyed, changes).compare(FieldPath(), before, after);
  return changes;
}

bool same_value(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    return a.is_integer() && b.is_integer() ? a.as_integer() == b.as_integer() : a.as_double() == b.as_double();
  }
  if (a.is_array() && b.is_array()) {
    const auto& left = a.as_array();
    const auto& right = b.as_array();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same_value);
  }
  if (a.is_object() && b.is_object()) {
    const auto& left = a.as_object();
    const auto& right = b.as_object();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const auto& x, const auto& y) {
      return x.first == y.first && same_value(x.second, y.second);
    });
  }
  return a == b;
}

bool is_empty_value(const Json& value) {
  if (value.is_null()) {
    return true;
  }
  if (value.is_bool()) {
    return !value.as_bool();
  }
  if (value.is_number()) {
    return value.as_double() == 0.0;
  }
  if (value.is_string()) {
    return value.as_string().empty();
  }
  return value.is_empty();
}

} // namespace pier::deploy

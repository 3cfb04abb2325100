#include "core/deploy/field_rules.hpp"

#include "core/deploy/map_fields.hpp"
#include "core/deploy/typed_state.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

const FieldRule* find_rule(const std::vector<FieldRule>& rules, const FieldPath& path) {
  const auto it = std::find_if(rules.begin(), rules.end(),
                               [&](const FieldRule& rule) { return path.is_below(FieldPath::parse(rule.field)); });
  return it == rules.end() ? nullptr : &*it;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_not_returned(const FieldRules& rules, const FieldPath& path) {
  return std::any_of(rules.not_returned.begin(), rules.not_returned.end(),
                     [&](const std::string& field) { return path.is_below(FieldPath::parse(field)); });
}

bool is_known_default(const FieldRules& rules, const FieldPath& path, const Json& remote) {
  return std::any_of(rules.backend_defaults.begin(), rules.backend_defaults.end(), [&](const FieldRule& rule) {
    return path.is_below(FieldPath::parse(rule.field)) &&
           (rule.values.empty() || std::any_of(rule.values.begin(), rule.values.end(),
                                               [&](const Json& value) { return same_value(value, remote); }));
  });
}

bool is_backend_default(const FieldRules& rules, const FieldPath& path, const FieldChange& change) {
  if (!change.before.is_null() || !change.after.is_null() || change.remote.is_null()) {
    return false;
  }
  if (is_known_default(rules, path, change.remote)) {
    return true;
  }
  // A whole map that only the workspace has: fine if each of its entries is a known default.
  const bool map = !path.is_root() && is_map(path.steps().back().name, change.remote);
  if (!map || change.remote.is_empty()) {
    return false;
  }
  const auto& entries = change.remote.as_object();
  return std::all_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return is_known_default(rules, path.map_key(entry.first), entry.second);
  });
}

std::string_view without_end_slashes(std::string_view text) {
  while (text.ends_with('/')) {
    text.remove_suffix(1);
  }
  return text;
}

void decide(const FieldRules& rules, const FieldPath& path, FieldChange& change, bool local_change) {
  const auto set = [&](Action action, std::string reason) {
    change.action = action;
    change.reason = std::move(reason);
  };
  const auto* ignore_remote = find_rule(rules.ignore_remote, path);
  const bool not_returned = is_not_returned(rules, path);
  if (same_value(change.remote, change.after) && ignore_remote == nullptr && !not_returned) {
    return set(Action::skip, "remote_already_set");
  }
  if (says_nothing(rules.shape, path, change.before, true) && says_nothing(rules.shape, path, change.after) &&
      says_nothing(rules.shape, path, change.remote)) {
    return set(Action::skip, "empty");
  }
  if (const auto* rule = find_rule(rules.ignore_local, path); rule != nullptr && local_change) {
    return set(Action::skip, rule->reason);
  }
  if (ignore_remote != nullptr && !local_change) {
    return set(Action::skip, ignore_remote->reason);
  }
  if (const auto* rule = find_rule(rules.id_fields, path)) {
    return set(local_change ? Action::recreate : Action::skip, rule->reason);
  }
  if (const auto* rule = find_rule(rules.renamed_fields, path)) {
    return set(local_change ? Action::update_id : Action::skip, rule->reason);
  }
  if (is_backend_default(rules, path, change)) {
    return set(Action::skip, "backend_default");
  }
  if (const auto* rule = find_rule(rules.trim_slash, path);
      rule != nullptr && change.after.is_string() && change.remote.is_string() &&
      without_end_slashes(change.after.as_string()) == without_end_slashes(change.remote.as_string())) {
    return set(Action::skip, rule->reason);
  }
  if (not_returned && !local_change) {
    return set(Action::skip, "missing_in_remote");
  }
  if (const auto* rule = find_rule(rules.recreate, path)) {
    return set(Action::recreate, rule->reason);
  }
  set(Action::update, {});
}

/// What differs, without what only pier sees.
std::vector<ValueChange> visible_changes(const Json& before, const Json& after, const KeyedLists& keyed,
                                         const std::vector<std::string>& unseen) {
  auto changes = diff_values(before, after, keyed);
  std::erase_if(changes, [&](const ValueChange& change) {
    return !change.before.is_null() && !change.after.is_null() && contains(unseen, change.path.to_string());
  });
  return changes;
}

} // namespace

FieldChanges decide_changes(const FieldRules& rules, const KeyedLists& keyed, const Json& deployed, const Json& desired,
                            const Json& remote, bool compatible) {
  static const std::vector<std::string> k_none;
  const auto& unseen = compatible ? rules.unseen : k_none;
  std::map<std::string, FieldPath> paths;
  FieldChanges changes;
  const auto locals = visible_changes(deployed, desired, keyed, unseen);
  for (const auto& local : locals) {
    FieldChange change{.before = local.before, .after = local.after};
    if (const auto* value = remote.is_null() ? nullptr : local.path.find_in(remote)) {
      change.remote = *value;
    }
    const auto name = local.path.to_string();
    changes.insert_or_assign(name, std::move(change));
    paths.insert_or_assign(name, local.path);
  }
  if (!remote.is_null()) {
    for (auto& drift : visible_changes(remote, desired, keyed, unseen)) {
      const auto name = drift.path.to_string();
      const auto [it, added] = changes.try_emplace(name);
      it->second.remote = std::move(drift.before);
      if (added) {
        const auto* value = drift.path.find_in(deployed);
        it->second.before = value == nullptr ? Json() : *value;
        it->second.after = std::move(drift.after);
        paths.insert_or_assign(name, std::move(drift.path));
      }
    }
  }
  for (auto& [name, change] : changes) {
    if (contains(unseen, name)) {
      change.action = Action::skip;
      change.reason = "empty";
    } else {
      const auto& path = paths.at(name);
      const bool local_change =
          !same_value(change.before, change.after) &&
          (unseen.empty() || std::any_of(locals.begin(), locals.end(), [&](const ValueChange& local) {
             return local.path.is_below(path) || path.is_below(local.path);
           }));
      decide(rules, path, change, local_change);
    }
  }
  return changes;
}

bool makes_new(const FieldRules& rules, const FieldPath& path) {
  return find_rule(rules.recreate, path) != nullptr || find_rule(rules.id_fields, path) != nullptr;
}

} // namespace pier::deploy

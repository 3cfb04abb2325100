#include "bundles/config/unset_settings.hpp"

#include "bundles/config/drop_members.hpp"

#include <algorithm>
#include <array>

namespace pier::bundles {
namespace {

/// Switches with three states: false is not the same as unset.
constexpr std::array<std::string_view, 4> k_three_states = {"pipelines_development", "source_linked_deployment",
                                                            "enabled", "started"};

/// Kinds whose `lifecycle` the official CLI holds by a pointer, so that it can be missing.
constexpr std::array<std::string_view, 4> k_own_lifecycle = {"apps", "clusters", "job_runs", "sql_warehouses"};

/// Sections that the official CLI holds by value: given without content they are there, as null.
constexpr std::array<std::string_view, 4> k_by_value = {"deployment", "presets", "python", "sync"};

template <std::size_t N> bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool says_nothing(const Mapping::Entry& entry, model::FieldKind kind) {
  const Value& value = entry.value;
  switch (value.kind()) {
  case ValueKind::nil: return !is_in(k_by_value, entry.key);
  case ValueKind::text: return kind == model::FieldKind::text && value.as_text().empty();
  case ValueKind::integer: return kind == model::FieldKind::integer && value.as_integer() == 0;
  case ValueKind::boolean:
    return kind == model::FieldKind::boolean && !value.as_boolean() && !is_in(k_three_states, entry.key);
  default: return false;
  }
}

bool is_unset(Mapping::Entry& entry, model::Field field, model::Field parent) {
  const bool named = parent.has_named_members();
  if (named && !field.required() && says_nothing(entry, field.kind())) {
    return true;
  }
  if (!named && entry.value.is_nil() && field.kind() == model::FieldKind::map) {
    entry.value = Value::map(entry.value.place());
  }
  return false;
}

/// Structures in a list are there even when nothing is given.
void fill_null_items(Value& list, model::Field field) {
  const auto element = field.element();
  if (list.is_list() && element && element->has_named_members()) {
    for (auto& item : list.as_list()) {
      item = item.is_nil() ? Value::map(item.place()) : std::move(item);
    }
  }
}

/// Whether a null member of a resource is as if it were not there.
bool is_null_forgotten(std::string_view kind, model::Field root, const std::string& member, model::Field field) {
  if (member == "lifecycle") {
    return is_in(k_own_lifecycle, kind);
  }
  const bool added = member == "permissions" || member == "grants" || (kind == "apps" && member == "config") ||
                     (kind == "secret_scopes" && member == "keyvault_metadata");
  return added || (!field.required() && !root.keeps_zeros());
}

/// A required structure is there without content too, where zeros are remembered.
void fill_null_structure(Mapping::Entry& entry, model::Field field, model::Field parent) {
  if (entry.value.is_nil() && field.required() && field.has_named_members() && parent.keeps_zeros()) {
    entry.value = Value::map(entry.value.place());
  }
}

/// What a structure of the REST API does not remember: optional values that are null or zero, where it cannot tell
/// them from missing ones.
bool is_forgotten(Mapping::Entry& entry, model::Field field, model::Field parent) {
  fill_null_items(entry.value, field);
  return parent.has_named_members() && !field.required() && !parent.keeps_zeros() && says_nothing(entry, field.kind());
}

void forget_in_resources(Value* resources) {
  if (resources == nullptr || !resources->is_map()) {
    return;
  }
  const auto kinds = *model::Field::at("resources");
  for (auto& kind : resources->as_map().entries()) {
    const auto named = kinds.member(kind.key);
    const auto root = named ? named->any_member() : std::nullopt;
    if (!root || !kind.value.is_map()) {
      continue;
    }
    const auto drop = [&](Mapping::Entry& entry, model::Field field, model::Field parent) {
      fill_null_structure(entry, field, parent);
      return parent == *root && entry.value.is_nil() ? is_null_forgotten(kind.key, *root, entry.key, field)
                                                     : is_forgotten(entry, field, parent);
    };
    for (auto& resource : kind.value.as_map().entries()) {
      drop_members(resource.value, *root, drop);
    }
  }
}

} // namespace

void forget_unset_members(Loading& loading) {
  forget_in_resources(loading.config.find("resources"));
  Value* targets = loading.config.find("targets");
  if (targets != nullptr && targets->is_map()) {
    for (auto& target : targets->as_map().entries()) {
      forget_in_resources(target.value.find("resources"));
    }
  }
}

void drop_unset_settings(Loading& loading) {
  for (auto& entry : loading.config.as_map().entries()) {
    // An artifact without properties is an error of its own, as is an empty identity; targets are merged
    // as they are.
    if (entry.key == "resources" || entry.key == "targets" || entry.key == "artifacts" || entry.key == "run_as") {
      continue;
    }
    if (const auto field = model::Field::root().member(entry.key)) {
      drop_members(entry.value, *field, is_unset);
    }
  }
  auto& entries = loading.config.as_map().entries();
  std::erase_if(entries, [](const Mapping::Entry& entry) {
    return entry.value.is_nil() && entry.key != "resources" && !is_in(k_by_value, entry.key);
  });
  loading.config.as_map().reindex();
}

} // namespace pier::bundles

#include "bundles/config/unset_settings.hpp"

#include "bundles/config/drop_members.hpp"

#include <algorithm>
#include <array>

namespace pier::bundles {
namespace {

/// Switches with three states: false is not the same as unset.
constexpr std::array<std::string_view, 3> k_three_states = {"pipelines_development", "source_linked_deployment",
                                                            "enabled"};

bool says_nothing(const Mapping::Entry& entry, model::FieldKind kind) {
  const Value& value = entry.value;
  switch (value.kind()) {
  case ValueKind::nil: return true;
  case ValueKind::text: return kind == model::FieldKind::text && value.as_text().empty();
  case ValueKind::integer: return kind == model::FieldKind::integer && value.as_integer() == 0;
  case ValueKind::boolean:
    return kind == model::FieldKind::boolean && !value.as_boolean() &&
           std::find(k_three_states.begin(), k_three_states.end(), entry.key) == k_three_states.end();
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

} // namespace

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
  std::erase_if(entries, [](const Mapping::Entry& entry) { return entry.value.is_nil() && entry.key != "resources"; });
  loading.config.as_map().reindex();
}

} // namespace pier::bundles

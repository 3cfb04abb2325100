#include "bundles/config/unset_settings.hpp"

#include "core/model/field_table.hpp"

#include <algorithm>

namespace pier::bundles {
namespace {

bool is_zero(const Value& value, model::FieldKind kind) {
  switch (value.kind()) {
  case ValueKind::text: return kind == model::FieldKind::text && value.as_text().empty();
  case ValueKind::integer: return kind == model::FieldKind::integer && value.as_integer() == 0;
  case ValueKind::number: return kind == model::FieldKind::number && value.as_number() == 0;
  case ValueKind::boolean: return kind == model::FieldKind::boolean && !value.as_boolean();
  default: return false;
  }
}

/// Whether a member of a structure is as if it were not written.
bool is_unset(const Value& value, model::Field field) {
  if (field.required() || field.remembered()) {
    return false;
  }
  return value.is_nil() ? !field.always_there() : !field.has_three_states() && is_zero(value, field.kind());
}

void forget_below(Value& value, model::Field field);

/// Elements of a list or of a free map: what cannot be missing is there, but empty.
void forget_in_element(Value& value, model::Field field) {
  if (value.is_nil() && field.always_there()) {
    auto places = std::move(value);
    value = Value::map(places.place());
    value.take_places_of(places);
  }
  forget_below(value, field);
}

void forget_members(Value& value, model::Field field) {
  const auto forgotten = std::erase_if(value.as_map().entries(), [&](Mapping::Entry& entry) {
    const auto member = field.member(entry.key);
    if (!member) {
      return false;
    }
    if (is_unset(entry.value, *member)) {
      return true;
    }
    if (member->remembered()) {
      forget_in_element(entry.value, *member);
    } else {
      forget_below(entry.value, *member);
    }
    return false;
  });
  if (forgotten > 0) {
    value.as_map().reindex();
  }
}

void forget_below(Value& value, model::Field field) {
  if (value.is_list()) {
    if (const auto element = field.element()) {
      for (auto& item : value.as_list()) {
        forget_in_element(item, *element);
      }
    }
  } else if (value.is_map() && field.has_named_members()) {
    forget_members(value, field);
  } else if (const auto any = field.any_member(); any && value.is_map()) {
    for (auto& entry : value.as_map().entries()) {
      forget_in_element(entry.value, *any);
    }
  }
}

} // namespace

void forget_unset_members(Loading& loading) {
  forget_below(loading.config, model::Field::root());
  // A variable without properties is one to which a value can be assigned.
  if (Value* variables = loading.config.find("variables"); variables != nullptr && variables->is_map()) {
    for (auto& variable : variables->as_map().entries()) {
      if (variable.value.is_nil()) {
        variable.value = Value::map(variable.value.place());
      }
    }
  }
}

void drop_unset_settings(Loading& loading) {
  for (auto& entry : loading.config.as_map().entries()) {
    const auto field = model::Field::root().member(entry.key);
    if (field && entry.key != "resources" && entry.key != "targets") {
      forget_below(entry.value, *field);
    }
  }
}

} // namespace pier::bundles

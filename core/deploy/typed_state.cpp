#include "core/deploy/typed_state.hpp"

#include "core/base/json_nulls.hpp"
#include "core/deploy/value_diff.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

using model::Field;
using model::FieldKind;

bool is_structure(const Field& field) {
  return field.kind() == FieldKind::map && !field.any_member();
}

void complete(Json& value, const Field& field);

Json zero_of(const Field& field) {
  switch (field.kind()) {
  case FieldKind::text: return "";
  case FieldKind::integer:
  case FieldKind::number: return 0;
  case FieldKind::boolean: return false;
  default: break;
  }
  if (!is_structure(field)) {
    return {};
  }
  auto structure = Json::object();
  complete(structure, field);
  return structure;
}

bool is_scalar_zero(const Json& value) {
  return value == Json("") || value == Json(false) || value == Json(0);
}

void complete_structure(Json& value, const Field& field) {
  for (const auto& [name, member] : field.members()) {
    const auto* found = value.find(name);
    if (found == nullptr && member.required()) {
      value[std::string(name)] = zero_of(member);
    } else if (found != nullptr && !member.required() && !member.remembered() && !member.has_three_states() &&
               is_scalar_zero(*found)) {
      value.erase(name);
    }
  }
}

void complete(Json& value, const Field& field) {
  if (value.is_array()) {
    if (const auto element = field.element()) {
      for (auto& item : value.as_array()) {
        complete(item, *element);
      }
    }
    return;
  }
  if (!value.is_object()) {
    return;
  }
  if (is_structure(field)) {
    complete_structure(value, field);
  }
  for (auto& [name, member] : value.as_object()) {
    if (const auto known = field.member(name)) {
      complete(member, *known);
    }
  }
}

/// A list or a map without content that nobody needs.
bool is_idle(const Json& value, const std::optional<Field>& field) {
  const bool collection = value.is_array() || (value.is_object() && field && !is_structure(*field));
  return collection && value.is_empty() && !(field && field->required());
}

void drop_idle(Json& value, const std::optional<Field>& field) {
  if (value.is_array()) {
    for (auto& item : value.as_array()) {
      drop_idle(item, field ? field->element() : std::nullopt);
    }
  } else if (value.is_object()) {
    auto& members = value.as_object();
    for (auto it = members.begin(); it != members.end();) {
      const auto member = field ? field->member(it->first) : std::nullopt;
      drop_idle(it->second, member);
      it = is_idle(it->second, member) ? members.erase(it) : std::next(it);
    }
  }
}

bool is_zero(const Json& value, const Field& field, bool read) {
  if (!value.is_object() || !is_structure(field)) {
    return value.is_null() || value == zero_of(field);
  }
  const bool told = read && field.keeps_zeros();
  const auto& members = value.as_object();
  return std::all_of(members.begin(), members.end(), [&](const Json::Object::value_type& entry) {
    const auto member = field.member(entry.first);
    const bool scalar = member && member->kind() != FieldKind::map && member->kind() != FieldKind::list;
    return member && member->required() && !(told && scalar) && is_zero(entry.second, *member, read);
  });
}

std::optional<Field> field_at(std::optional<Field> field, const FieldPath& path) {
  using Kind = FieldPath::Step::Kind;
  for (const auto& step : path.steps()) {
    if (field) {
      field = step.kind == Kind::field || step.kind == Kind::map_key ? field->member(step.name) : field->element();
    }
  }
  return field;
}

} // namespace

std::optional<Field> shape_of(const std::string& kind) {
  if (kind == "secret_scopes" || kind.find('.') != std::string::npos) {
    return std::nullopt;
  }
  return Field::at("resources." + kind + ".*");
}

Json typed_state(const std::optional<Field>& shape, Json state) {
  drop_null_members(state);
  if (shape && state.is_object()) {
    complete(state, *shape);
  }
  return state;
}

Json written_state(const std::optional<Field>& shape, Json state) {
  drop_idle(state, shape);
  return state;
}

Json written_at(const std::optional<Field>& shape, const FieldPath& path, Json value) {
  if (value.is_object() || value.is_array()) {
    drop_idle(value, field_at(shape, path));
  }
  return value;
}

bool says_nothing(const std::optional<Field>& shape, const FieldPath& path, const Json& value, bool read) {
  if (is_empty_value(value)) {
    return true;
  }
  const auto field = value.is_object() ? field_at(shape, path) : std::nullopt;
  return field && is_structure(*field) && is_zero(value, *field, read);
}

} // namespace pier::deploy

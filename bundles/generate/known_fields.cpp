#include "bundles/generate/known_fields.hpp"

#include "core/base/text.hpp"

namespace pier::bundles {
namespace {

Json integer_of(const Json& answer) {
  std::int64_t value = 0;
  if (answer.is_string() && parse_int64(answer.as_string(), value)) {
    return value; // large ones come as texts
  }
  return answer.is_null() ? Json(0) : answer;
}

Json text_of(const Json& answer) {
  return answer.is_string() ? answer : answer.is_null() ? Json("") : Json(answer.dump());
}

Json scalar_of(const Json& answer, model::FieldKind kind) {
  switch (kind) {
  case model::FieldKind::text: return text_of(answer);
  case model::FieldKind::integer: return integer_of(answer);
  case model::FieldKind::boolean: return answer.is_null() ? Json(false) : answer;
  case model::FieldKind::number:
    return answer.is_number() ? Json(answer.as_double()) : answer.is_null() ? Json(0.0) : answer;
  default: return answer;
  }
}

Json members_of(const Json& answer, const model::Field& field) {
  auto known = Json::object();
  for (const auto& [name, value] : answer.as_object()) {
    const auto member = field.member(name);
    if (!member) {
      continue;
    }
    const bool nested = member->kind() == model::FieldKind::map || member->kind() == model::FieldKind::list;
    if (!nested || !value.is_null()) {
      known[name] = known_fields(value, *member);
    }
  }
  return known;
}

} // namespace

Json known_fields(const Json& answer, const model::Field& field) {
  if (field.kind() == model::FieldKind::map && answer.is_object()) {
    return members_of(answer, field);
  }
  const auto element = field.element();
  if (field.kind() == model::FieldKind::list && answer.is_array() && element) {
    auto items = Json::array();
    for (const auto& item : answer.as_array()) {
      items.push_back(known_fields(item, *element));
    }
    return items;
  }
  return scalar_of(answer, field.kind());
}

} // namespace pier::bundles

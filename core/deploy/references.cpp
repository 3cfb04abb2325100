#include "core/deploy/references.hpp"

#include "core/deploy/typed_state.hpp"

#include "core/base/text.hpp"
#include "core/deploy/map_fields.hpp"
#include "core/deploy/reference_fields.hpp"
#include "core/deploy/value_diff.hpp"

#include <algorithm>
#include <set>

namespace pier::deploy {
namespace {

constexpr std::string_view k_resources = "resources.";

void walk(const Json& value, const FieldPath& path, bool map, std::vector<ReferenceText>& found) {
  if (value.is_string()) {
    const auto references = model::find_references(value.as_string());
    const bool any = std::any_of(references.begin(), references.end(),
                                 [](const auto& reference) { return reference.path.starts_with(k_resources); });
    if (any) {
      found.push_back({path, value.as_string()});
    }
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.as_object()) {
      walk(member, map ? path.map_key(name) : path.field(name), !map && is_map(name, member), found);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      walk(value.as_array()[i], path.index(i), false, found);
    }
  }
}

std::string text_of(const Json& value) {
  if (value.is_null()) {
    return {};
  }
  return value.is_string() ? value.as_string() : value.dump();
}

bool is_integer_field(const FieldPath& place, const Kind& kind) {
  const auto pattern = place.to_pattern();
  return std::find(kind.integer_fields.begin(), kind.integer_fields.end(), pattern) != kind.integer_fields.end();
}

Result<Json> typed_value(Json value, const FieldPath& place, const Kind& kind, const std::string& reference) {
  if (!value.is_string() || !is_integer_field(place, kind)) {
    return value;
  }
  std::int64_t number = 0;
  if (!parse_int64(value.as_string(), number)) {
    return no_number(kind.name, place, reference, value.as_string());
  }
  return Json(number);
}

} // namespace

std::vector<ReferenceText> find_reference_texts(const Json& state) {
  std::vector<ReferenceText> found;
  walk(state, FieldPath(), false, found);
  return found;
}

std::vector<Dependency> find_dependencies(const Json& state) {
  std::set<Dependency> edges;
  for (const auto& text : find_reference_texts(state)) {
    for (const auto& reference : model::find_references(text.text)) {
      if (const auto target = parse_target(reference.path)) {
        edges.insert({target->node.to_string(), "${" + reference.path + "}"});
      }
    }
  }
  return {edges.begin(), edges.end()};
}

std::optional<ReferenceTarget> parse_target(const std::string& path) {
  auto reference = model::parse_resource_reference(path);
  if (!reference) {
    return std::nullopt;
  }
  ReferenceTarget target{.node = reference->target};
  std::string_view field = reference->field;
  for (const std::string_view part : {"permissions", "grants"}) {
    if (field.starts_with(part) && field.size() > part.size() &&
        (field[part.size()] == '[' || field[part.size()] == '.')) {
      target.node.part = part;
      field.remove_prefix(part.size());
    }
  }
  target.field = in_bundle_words(target.node.kind, FieldPath::parse(field));
  return target;
}

Result<void> resolve_references(Json& state, const Kind& kind, const Lookup& lookup) {
  bool any_unset = false;
  for (const auto& item : find_reference_texts(state)) {
    std::string text = item.text;
    std::set<std::string> seen;
    for (const auto& reference : model::find_references(item.text)) {
      const auto target = parse_target(reference.path);
      if (!target || !seen.insert(reference.path).second) {
        continue;
      }
      const auto whole = "${" + reference.path + "}";
      auto looked_up = lookup(*target, reference.path);
      if (!looked_up) {
        auto error = std::move(looked_up).error();
        error.message = "cannot resolve \"" + whole + "\": " + error.message;
        return error;
      }
      if (!looked_up->has_value()) {
        continue;
      }
      if (text == whole) {
        PIER_TRY_ASSIGN(auto value, typed_value(**std::move(looked_up), item.place, kind, whole));
        any_unset = any_unset || value.is_null();
        item.place.set_in(state, std::move(value));
        text.clear();
        break;
      }
      text = replace_all(std::move(text), whole, text_of(**looked_up));
      item.place.set_in(state, Json(text));
    }
  }
  if (any_unset) {
    state = typed_state(kind.rules.shape, std::move(state));
  }
  return {};
}

} // namespace pier::deploy

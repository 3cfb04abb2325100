#include "bundles/variables/lookup.hpp"
#include "bundles/config/quotes.hpp"

#include "bundles/variables/suggestions.hpp"
#include "core/model/field_table.hpp"

namespace pier::bundles {
namespace {

Value zero_of(model::FieldKind kind) {
  switch (kind) {
  case model::FieldKind::map: return Value::map();
  case model::FieldKind::list: return Value::list();
  case model::FieldKind::text: return Value::text("");
  case model::FieldKind::boolean: return Value::boolean(false);
  case model::FieldKind::integer: return Value::integer(0);
  case model::FieldKind::number: return Value(0.0);
  case model::FieldKind::any: break;
  }
  return {};
}

std::string text_of(const std::vector<PathStep>& path, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (path[i].is_index) {
      text += "[" + std::to_string(path[i].index) + "]";
    } else {
      text += (text.empty() ? "" : ".") + path[i].key;
    }
  }
  return text;
}

/// The reference with the segment `wrong` replaced.
std::string corrected(std::string_view reference, std::string_view wrong, std::string_view right) {
  const auto steps = parse_path(reference);
  std::string text;
  bool replaced = false;
  for (const auto& step : steps) {
    if (step.is_index) {
      text += "[" + std::to_string(step.index) + "]";
      continue;
    }
    const bool here = !replaced && step.key == wrong;
    replaced = replaced || here;
    text += (text.empty() ? "" : ".") + (here ? std::string(right) : step.key);
  }
  return text;
}

std::vector<std::string> known_keys(const Value& value, const std::optional<model::Field>& field) {
  std::vector<std::string> keys;
  if (value.is_map()) {
    for (const auto& entry : value.as_map().entries()) {
      keys.push_back(entry.key);
    }
  }
  if (field) {
    for (const auto& member : field->members()) {
      if (value.find(member.name) == nullptr) {
        keys.emplace_back(member.name);
      }
    }
  }
  return keys;
}

Lookup fail(std::string problem) {
  Lookup result;
  result.problem = std::move(problem);
  return result;
}

} // namespace

Lookup look_up(const Value& config, const std::vector<PathStep>& path, std::string_view reference) {
  const Value* value = &config;
  Value zero;
  std::optional<model::Field> field = model::Field::root();
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto& step = path[i];
    const auto until_here = in_quotes(text_of(path, i + 1));
    if (step.is_index) {
      if (!value->is_list()) {
        return fail("expected a sequence to index " + until_here + ", found " + std::string(kind_word(value->kind())));
      }
      if (step.index >= value->as_list().size()) {
        return fail("index out of bounds at " + until_here);
      }
      value = &value->as_list()[step.index];
      field = field ? field->element() : field;
      continue;
    }
    if (!value->is_map()) {
      return fail("expected a map to index " + until_here + ", found " + std::string(kind_word(value->kind())));
    }
    const auto child = field ? field->member(step.key) : std::nullopt;
    const bool named = child && field->any_member() != child;
    if (const Value* next = value->find(step.key)) {
      value = next;
    } else if (named && child->kind() != model::FieldKind::any) {
      zero = zero_of(child->kind());
      value = &zero;
    } else {
      Lookup result;
      result.missing = true;
      result.problem = "reference does not exist: ${" + std::string(reference) + "}";
      for (const auto& key : near_keys(step.key, known_keys(*value, field))) {
        result.suggestions.push_back(corrected(reference, step.key, key));
      }
      return result;
    }
    field = child;
  }
  Lookup result;
  result.value = *value;
  return result;
}

std::string expand_var_prefix(std::string_view path) {
  if (!path.starts_with("var.")) {
    return std::string(path);
  }
  const auto rest = path.substr(4);
  const auto end = std::min(rest.find_first_of(".["), rest.size());
  return "variables." + std::string(rest.substr(0, end)) + ".value" + std::string(rest.substr(end));
}

} // namespace pier::bundles

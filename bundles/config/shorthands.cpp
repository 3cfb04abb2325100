#include "bundles/config/shorthands.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace pier::bundles {
namespace {

bool has_exactly(const Value& map, std::initializer_list<std::string_view> keys) {
  return map.as_map().size() == keys.size() &&
         std::all_of(keys.begin(), keys.end(), [&](std::string_view key) { return map.find(key) != nullptr; });
}

bool is_definition(const Value& value) {
  return value.is_map() &&
         (has_exactly(value, {"default", "type", "description"}) || has_exactly(value, {"default", "type"}) ||
          has_exactly(value, {"default", "description"}) || has_exactly(value, {"lookup", "description"}) ||
          has_exactly(value, {"default"}) || has_exactly(value, {"lookup"}));
}

bool holds_members(const Value& value) {
  return value.is_nil() || value.is_map() || value.is_list();
}

void write_out(const Value& file, const std::string& name, Value& variable) {
  if (variable.is_nil() || variable.kind() == ValueKind::time || is_definition(variable)) {
    return;
  }
  Value definition = Value::map(variable.place());
  const Value* type = file.find_path({"variables", name, "type"});
  const bool structured = variable.is_map() || variable.is_list();
  if (structured && type != nullptr && type->is_text() && type->as_text() == "complex") {
    definition.set("type", *type);
  }
  definition.set("default", std::move(variable), definition.place());
  variable = std::move(definition);
}

} // namespace

const Value* rewrite_shorthands(Value& file) {
  Value* targets = file.find("targets");
  if (targets == nullptr) {
    return nullptr;
  }
  if (!targets->is_map()) {
    return holds_members(*targets) ? nullptr : targets;
  }
  for (auto& target : targets->as_map().entries()) {
    Value* variables = target.value.find("variables");
    if (variables == nullptr) {
      continue;
    }
    if (!holds_members(*variables)) {
      return variables;
    }
    if (variables->is_map()) {
      for (auto& variable : variables->as_map().entries()) {
        write_out(file, variable.key, variable.value);
      }
    }
  }
  return nullptr;
}

} // namespace pier::bundles

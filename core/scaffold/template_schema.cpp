#include "core/scaffold/template_schema.hpp"

#include "core/base/text.hpp"
#include "core/scaffold/pattern.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace pier::scaffold {

namespace {

constexpr std::size_t k_max_properties = 200;

Error broken(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER5006",
               .message = "databricks_template_schema.json: " + std::move(message),
               .hint = std::move(hint)};
}

Error refused(const Property& property, const std::string& message, std::string hint = {}) {
  return Error{
      .kind = ErrorKind::usage, .code = "PIER5007", .message = property.name + ": " + message, .hint = std::move(hint)};
}

std::string shown(const Json& value) {
  return value.is_string() ? value.as_string() : value.dump();
}

std::string_view type_text(PropertyType type) {
  switch (type) {
  case PropertyType::string: return "string";
  case PropertyType::boolean: return "boolean";
  case PropertyType::integer: return "integer";
  case PropertyType::number: return "number";
  }
  return "string";
}

bool has_type(PropertyType type, const Json& value) {
  switch (type) {
  case PropertyType::string: return value.is_string();
  case PropertyType::boolean: return value.is_bool();
  case PropertyType::integer: return value.is_integer();
  case PropertyType::number: return value.is_number();
  }
  return false;
}

Result<PropertyType> parse_type(const std::string& name, const std::string& text) {
  for (const auto type : {PropertyType::string, PropertyType::boolean, PropertyType::integer, PropertyType::number}) {
    if (text == type_text(type)) {
      return type;
    }
  }
  return broken("the property \"" + name + "\" has the type \"" + text + "\"",
                "use string, boolean, integer or number");
}

Result<Property> parse_property(const std::string& name, const Json& json) {
  if (!json.is_object()) {
    return broken("the property \"" + name + "\" is no object");
  }
  Property out{.name = name};
  PIER_TRY_ASSIGN(out.type, parse_type(name, json.get_string("type")));
  out.description = json.get_string("description");
  if (out.description.empty()) {
    return broken("the property \"" + name + "\" has no description");
  }
  if (const auto* value = json.find("default")) {
    out.default_value = *value;
  }
  if (const auto* choices = json.find("enum"); choices != nullptr && choices->is_array()) {
    out.choices = choices->as_array();
  }
  out.pattern = json.get_string("pattern");
  out.pattern_failure = json.get_string("pattern_match_failure_message");
  out.format = json.get_string("format");
  if (const auto* order = json.find("order"); order != nullptr && order->is_integer()) {
    out.order = order->as_integer();
  }
  if (const auto* condition = json.find("skip_prompt_if")) {
    out.skip_prompt_if = condition->is_null() ? Json::object() : *condition;
    if (out.default_value.is_null()) {
      return broken("the property \"" + name + "\" has skip_prompt_if but no default");
    }
  }
  if (!out.pattern.empty()) {
    PIER_TRY(Pattern::compile(out.pattern).context("property " + name));
  }
  return out;
}

Result<bool> property_meets(const Json& rule, const Json* value) {
  if (value == nullptr) {
    return true;
  }
  if (const auto* constant = rule.find("const"); constant != nullptr && *constant != *value) {
    return false;
  }
  if (const auto* choices = rule.find("enum"); choices != nullptr && choices->is_array()) {
    const auto& all = choices->as_array();
    if (std::find(all.begin(), all.end(), *value) == all.end()) {
      return false;
    }
  }
  if (const auto pattern = rule.get_string("pattern"); !pattern.empty() && value->is_string()) {
    PIER_TRY_ASSIGN(const auto compiled, Pattern::compile(pattern));
    return compiled.matches(value->as_string());
  }
  return true;
}

} // namespace

const Property* TemplateSchema::find(std::string_view name) const {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [&](const Property& property) { return property.name == name; });
  return found == properties.end() ? nullptr : &*found;
}

Result<TemplateSchema> parse_template_schema(std::string_view text) {
  auto parsed = Json::parse(text);
  if (!parsed) {
    return broken(parsed.error().message);
  }
  const Json& json = *parsed;
  if (!json.is_object()) {
    return broken("it holds no object");
  }
  if (json.get_integer("version") > 1) {
    return broken("its version " + std::to_string(json.get_integer("version")) + " is newer than pier knows",
                  "use a newer pier");
  }
  TemplateSchema out{.welcome_message = json.get_string("welcome_message"),
                     .success_message = json.get_string("success_message"),
                     .min_cli_version = json.get_string("min_databricks_cli_version")};
  const auto* properties = json.find("properties");
  if (properties != nullptr && properties->is_object()) {
    if (properties->size() > k_max_properties) {
      return broken("it has more than 200 properties");
    }
    for (const auto& [name, property] : properties->as_object()) {
      PIER_TRY_ASSIGN(auto one, parse_property(name, property));
      out.properties.push_back(std::move(one));
    }
  }
  // Those without an order come last; names decide between equals.
  std::stable_sort(out.properties.begin(), out.properties.end(), [](const Property& a, const Property& b) {
    return std::make_tuple(!a.order.has_value(), a.order.value_or(0)) <
           std::make_tuple(!b.order.has_value(), b.order.value_or(0));
  });
  return out;
}

Result<Json> parse_answer(const Property& property, std::string_view text) {
  const auto not_a = [&] {
    return refused(property, "\"" + std::string(text) + "\" is no " + std::string(type_text(property.type)));
  };
  switch (property.type) {
  case PropertyType::string: return Json(std::string(text));
  case PropertyType::boolean: {
    const auto lower = to_lower(text);
    for (const std::string_view yes : {"true", "1", "y", "yes", "on"}) {
      if (lower == yes) {
        return Json(true);
      }
    }
    for (const std::string_view no : {"false", "0", "n", "no", "off"}) {
      if (lower == no) {
        return Json(false);
      }
    }
    return not_a();
  }
  case PropertyType::integer: {
    std::int64_t value = 0;
    return parse_int64(text, value) ? Result<Json>(Json(value)) : not_a();
  }
  case PropertyType::number: {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size() && !text.empty();
    return whole ? Result<Json>(Json(value)) : not_a();
  }
  }
  return not_a();
}

Result<void> check_answer(const Property& property, const Json& value) {
  if (!has_type(property.type, value)) {
    return refused(property, shown(value) + " is no " + std::string(type_text(property.type)));
  }
  if (!property.choices.empty() &&
      std::find(property.choices.begin(), property.choices.end(), value) == property.choices.end()) {
    std::vector<std::string> names;
    for (const auto& choice : property.choices) {
      names.push_back(shown(choice));
    }
    return refused(property, "\"" + shown(value) + "\" is none of the choices", "choose one of: " + join(names, ", "));
  }
  if (!property.pattern.empty() && value.is_string()) {
    PIER_TRY_ASSIGN(const auto pattern, Pattern::compile(property.pattern));
    PIER_TRY_ASSIGN(const bool matches, pattern.matches(value.as_string()));
    if (!matches) {
      return refused(property, "\"" + value.as_string() + "\" does not match " + property.pattern,
                     property.pattern_failure);
    }
  }
  return {};
}

Result<bool> meets(const Json& condition, const AnswerValues& answers) {
  for (const auto& name : condition.get_strings("required")) {
    if (!answers.contains(name)) {
      return false;
    }
  }
  if (const auto* rules = condition.find("properties"); rules != nullptr && rules->is_object()) {
    for (const auto& [name, rule] : rules->as_object()) {
      const auto answer = answers.find(name);
      PIER_TRY_ASSIGN(const bool fits, property_meets(rule, answer == answers.end() ? nullptr : &answer->second));
      if (!fits) {
        return false;
      }
    }
  }
  const auto* alternatives = condition.find("anyOf");
  if (alternatives == nullptr || !alternatives->is_array()) {
    return true;
  }
  for (const auto& alternative : alternatives->as_array()) {
    PIER_TRY_ASSIGN(const bool fits, meets(alternative, answers));
    if (fits) {
      return true;
    }
  }
  return false;
}

} // namespace pier::scaffold

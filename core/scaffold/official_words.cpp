#include "core/scaffold/official_words.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace pier::scaffold {
namespace {

std::string shown(const Json& value) {
  return value.is_string() ? value.as_string() : value.dump();
}

std::string_view expected_type(PropertyType type) {
  switch (type) {
  case PropertyType::string: return "string";
  case PropertyType::boolean: return "boolean";
  case PropertyType::integer: return "integer";
  case PropertyType::number: return "float";
  }
  return "string";
}

} // namespace

std::string official_problem(const Property& property, const Json& value) {
  const auto& choices = property.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
    std::vector<std::string> names;
    std::transform(choices.begin(), choices.end(), std::back_inserter(names), shown);
    return "expected value of property " + property.name + " to be one of [" + join(names, " ") +
           "]. Found: " + shown(value);
  }
  if (!property.pattern.empty() && value.is_string()) {
    return "invalid value for " + property.name + ": " + value.dump() + ". " +
           (property.pattern_failure.empty() ? "Expected to match regex pattern: " + property.pattern
                                             : property.pattern_failure);
  }
  return "incorrect type for property " + property.name + ": expected type " +
         std::string(expected_type(property.type)) + ", but value is " + value.dump();
}

} // namespace pier::scaffold

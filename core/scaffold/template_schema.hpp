#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::scaffold {

enum class PropertyType { string, boolean, integer, number };

/// One question of a template.
struct Property {
  std::string name;
  PropertyType type = PropertyType::string;
  Json default_value;      ///< null: none; texts may be templates over earlier answers
  std::string description; ///< may be a template
  std::vector<Json> choices;
  std::string pattern;
  std::string pattern_failure; ///< what to say when the pattern does not match; may be a template
  std::optional<std::int64_t> order;
  std::string format;  ///< "warehouse_path" asks the workspace; others mean nothing
  Json skip_prompt_if; ///< null: never
};

/// databricks_template_schema.json.
struct TemplateSchema {
  std::vector<Property> properties; ///< in the order of asking
  std::string welcome_message;
  std::string success_message;
  std::string min_cli_version; ///< "v0.218.0" of the official CLI; empty: any

  [[nodiscard]] const Property* find(std::string_view name) const;
};

using AnswerValues = std::map<std::string, Json, std::less<>>;

/// Error PIER5006 naming the file and the property.
Result<TemplateSchema> parse_template_schema(std::string_view text);

/// A text from a flag or a terminal as a value of the property's type. Error PIER5007.
Result<Json> parse_answer(const Property& property, std::string_view text);

/// Type, choices and pattern. Error PIER5007 that says what would be right.
Result<void> check_answer(const Property& property, const Json& value);

/// True when the answers so far meet `skip_prompt_if`: const (passes on an absent property), pattern and enum of
/// its properties, required, anyOf.
Result<bool> meets(const Json& condition, const AnswerValues& answers);

} // namespace pier::scaffold

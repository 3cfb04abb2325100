#include "core/scaffold/template_schema.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::scaffold;

namespace {

Json parsed(std::string_view text) {
  auto result = Json::parse(text);
  REQUIRE(result);
  return *result;
}

} // namespace

TEST_CASE("template schema: properties come by order, then by name") {
  const auto schema = parse_template_schema(R"({"properties": {
    "b": {"type": "string", "description": "B"},
    "a": {"type": "string", "description": "A"},
    "z": {"type": "boolean", "description": "Z", "order": 1, "default": true},
    "y": {"type": "integer", "description": "Y", "order": 2}}})");
  REQUIRE(schema);
  std::string names;
  for (const auto& property : schema->properties) {
    names += property.name;
  }
  CHECK(names == "zyab");
}

TEST_CASE("template schema: what is wrong is named") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[1]", "databricks_template_schema.json: it holds no object"},
      {R"({"version": 2})", "databricks_template_schema.json: its version 2 is newer than pier knows"},
      {R"({"properties": {"x": {"type": "array", "description": "d"}}})",
       "databricks_template_schema.json: the property \"x\" has the type \"array\""},
      {R"({"properties": {"x": {"type": "string"}}})",
       "databricks_template_schema.json: the property \"x\" has no description"},
      {R"({"properties": {"x": {"type": "string", "description": "d", "skip_prompt_if": {}}}})",
       "databricks_template_schema.json: the property \"x\" has skip_prompt_if but no default"},
  };
  for (const auto& [text, expected] : cases) {
    const auto schema = parse_template_schema(text);
    REQUIRE_FALSE(schema);
    CHECK(schema.error().message == expected);
  }
}

TEST_CASE("template schema: answers have the property's type, choices and pattern") {
  const Property flag{.name = "flag", .type = PropertyType::boolean};
  CHECK(parse_answer(flag, "Yes").value() == Json(true));
  CHECK(parse_answer(flag, "no").value() == Json(false));
  CHECK(parse_answer(flag, "maybe").error().message == "flag: \"maybe\" is no boolean");
  const Property number{.name = "n", .type = PropertyType::integer};
  CHECK(parse_answer(number, "42").value() == Json(42));
  CHECK_FALSE(parse_answer(number, "4.2"));
  const Property choice{.name = "c", .choices = {"red", "blue"}};
  CHECK(check_answer(choice, "red"));
  CHECK(check_answer(choice, "green").error().hint == "choose one of: red, blue");
  const Property name{.name = "name", .pattern = "^[a-z]+$", .pattern_failure = "letters only"};
  CHECK(check_answer(name, "shop"));
  CHECK(check_answer(name, "Shop").error().hint == "letters only");
  CHECK_FALSE(check_answer(name, Json(3)));
}

TEST_CASE("template schema: skip_prompt_if looks at the answers so far") {
  const AnswerValues answers{{"kind", "app"}, {"size", Json(3)}};
  const std::vector<std::pair<std::string, bool>> cases{
      {"{}", true},
      {R"({"properties": {"kind": {"const": "app"}}})", true},
      {R"({"properties": {"kind": {"const": "job"}}})", false},
      {R"({"properties": {"absent": {"const": "x"}}})", true},
      {R"({"required": ["absent"], "properties": {"absent": {"const": "x"}}})", false},
      {R"({"properties": {"kind": {"pattern": "^a"}, "size": {"enum": [1, 2]}}})", false},
      {R"({"anyOf": [{"properties": {"kind": {"const": "job"}}}, {"properties": {"size": {"const": 3}}}]})", true},
      {R"({"anyOf": [{"properties": {"kind": {"const": "job"}}}]})", false},
  };
  for (const auto& [condition, expected] : cases) {
    CAPTURE(condition);
    CHECK(meets(parsed(condition), answers).value() == expected);
  }
}

#include "bundles/schema/json_schema.hpp"

#include "core/model/field_table.hpp"

#include <map>
#include <string>

namespace pier::bundles {
namespace {

constexpr std::string_view k_reference_pattern = R"(^\$\{[a-zA-Z].*\}$)";

/// Writes each distinct structure once, below "definitions"; equal subtrees share their definition.
class SchemaWriter {
 public:
  Json write();

 private:
  Json describe(model::Field field);
  Json reference_to(model::Field field);
  Json structure(model::Field field);

  Json::Object definitions_;
};

Json or_reference(Json schema) {
  Json reference = Json::object({{"type", "string"}, {"pattern", k_reference_pattern}});
  return Json::object({{"anyOf", Json::array({std::move(schema), std::move(reference)})}});
}

Json choices_schema(model::Field field) {
  Json values = Json::array();
  for (const auto choice : field.choices()) {
    values.push_back(choice);
  }
  return or_reference(Json::object({{"type", "string"}, {"enum", std::move(values)}}));
}

Json SchemaWriter::describe(model::Field field) {
  switch (field.kind()) {
  case model::FieldKind::text: return field.has_choices() ? choices_schema(field) : Json::object({{"type", "string"}});
  case model::FieldKind::boolean: return or_reference(Json::object({{"type", "boolean"}}));
  case model::FieldKind::integer: return or_reference(Json::object({{"type", "integer"}}));
  case model::FieldKind::number: return or_reference(Json::object({{"type", "number"}}));
  case model::FieldKind::any: return Json::object();
  case model::FieldKind::map:
  case model::FieldKind::list: break;
  }
  return or_reference(reference_to(field));
}

Json SchemaWriter::reference_to(model::Field field) {
  auto name = "f" + std::to_string(field.id());
  if (!definitions_.contains(name)) {
    definitions_.emplace(name, Json()); // ends recursion
    definitions_.insert_or_assign(name, structure(field));
  }
  return Json::object({{"$ref", "#/definitions/" + name}});
}

Json SchemaWriter::structure(model::Field field) {
  if (field.kind() == model::FieldKind::list) {
    Json schema = Json::object({{"type", "array"}});
    if (const auto element = field.element()) {
      schema["items"] = describe(*element);
    }
    return schema;
  }
  Json schema = Json::object({{"type", "object"}});
  Json required = Json::array();
  Json properties = Json::object();
  for (const auto& member : field.members()) {
    if (member.field.output()) {
      continue;
    }
    properties[member.name] = describe(member.field);
    if (member.field.required()) {
      required.push_back(member.name);
    }
  }
  if (field.has_named_members()) {
    schema["properties"] = std::move(properties);
    schema["additionalProperties"] = false;
  } else if (const auto any = field.any_member()) {
    schema["additionalProperties"] = describe(*any);
  }
  if (!required.is_empty()) {
    schema["required"] = std::move(required);
  }
  return schema;
}

/// In a target a variable may be written as its value.
void allow_shorthands(Json::Object& definitions, const std::string& name) {
  if (auto* variables = definitions.at(name).find("additionalProperties")) {
    *variables = Json::object();
  }
}

Json SchemaWriter::write() {
  Json root = structure(model::Field::root());
  root.erase("required");
  const auto target_variables = model::Field::at("targets.*.variables");
  allow_shorthands(definitions_, "f" + std::to_string(target_variables->id()));
  root["$schema"] = "http://json-schema.org/draft-07/schema#";
  root["title"] = "databricks.yml";
  root["definitions"] = Json(std::move(definitions_));
  return root;
}

} // namespace

Json json_schema() {
  return SchemaWriter().write();
}

} // namespace pier::bundles

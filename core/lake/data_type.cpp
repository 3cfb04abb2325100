#include "core/lake/data_type.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/lake/schema_json.hpp"
#include "core/lake/type_names.hpp"

namespace pier::lake {
namespace {

const ScalarName* scalar_of(TypeKind kind) {
  for (const auto& scalar : k_scalars) {
    if (scalar.kind == kind) {
      return &scalar;
    }
  }
  return nullptr;
}

std::string quote_with(std::string_view name, char quote) {
  std::string out(1, quote);
  for (const char c : name) {
    out.append(c == quote ? 2 : 1, c);
  }
  return out + quote;
}

std::string name_for_sql(std::string_view name) {
  const bool plain = !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                             "0123456789_") == std::string_view::npos;
  return plain ? std::string(name) : quote_with(name, '`');
}

Result<DataType> from_json(const Json& json, int depth);

Result<DataType> nested_from_json(const Json& json, int depth) {
  const auto kind = json.get_string("type");
  DataType type;
  if (kind == "struct") {
    type.kind = TypeKind::structure;
    PIER_TRY_ASSIGN(type.fields, fields_from_json(json, depth));
    return type;
  }
  const bool is_array = kind == "array";
  if (!is_array && kind != "map") {
    return unsupported_type(kind);
  }
  type.kind = is_array ? TypeKind::array : TypeKind::map;
  const auto add = [&](std::string_view key, std::string name, bool nullable) -> Result<void> {
    const auto* inner = json.find(key);
    if (inner == nullptr) {
      return unsupported_type(json.dump());
    }
    PIER_TRY_ASSIGN(auto inner_type, from_json(*inner, depth + 1));
    type.fields.push_back({.name = std::move(name), .type = std::move(inner_type), .nullable = nullable});
    return {};
  };
  if (is_array) {
    PIER_TRY(add("elementType", "element", json.get_bool("containsNull", true)));
  } else {
    PIER_TRY(add("keyType", "key", false));
    PIER_TRY(add("valueType", "value", json.get_bool("valueContainsNull", true)));
  }
  return type;
}

Result<DataType> from_json(const Json& json, int depth) {
  if (depth > 64) {
    return unsupported_type("nested deeper than 64");
  }
  if (json.is_object()) {
    return nested_from_json(json, depth);
  }
  if (!json.is_string()) {
    return unsupported_type(json.dump());
  }
  const auto& name = json.as_string();
  for (const auto& scalar : k_scalars) {
    if (scalar.json == name && scalar.kind != TypeKind::interval) {
      return DataType{.kind = scalar.kind};
    }
  }
  if (name == "decimal" || name.starts_with("decimal(")) {
    return DataType::parse(name);
  }
  if (name.starts_with("varchar(") || name.starts_with("char(")) {
    return DataType{};
  }
  return unsupported_type(name);
}

Result<Field> field_from_json(const Json& json, int depth) {
  const auto* type = json.find("type");
  if (!json.is_object() || type == nullptr) {
    return unsupported_type(json.dump());
  }
  Field field{.name = json.get_string("name"), .nullable = json.get_bool("nullable", true)};
  PIER_TRY_ASSIGN(field.type, from_json(*type, depth + 1));
  if (const auto* metadata = json.find("metadata"); metadata != nullptr && metadata->is_object()) {
    field.comment = metadata->get_string("comment");
    field.physical_name = metadata->get_string("delta.columnMapping.physicalName");
    field.field_id = metadata->get_integer("delta.columnMapping.id");
    if (!metadata->is_empty()) {
      field.metadata_json = metadata->dump();
    }
  }
  return field;
}

Json type_to_json(const DataType& type) {
  if (type.kind == TypeKind::decimal) {
    return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
  }
  if (!type.is_nested()) {
    return scalar_of(type.kind)->json;
  }
  if (type.kind == TypeKind::structure) {
    return fields_to_json(type.fields);
  }
  if (type.kind == TypeKind::array) {
    return Json::object({{"type", "array"},
                         {"elementType", type_to_json(type.fields[0].type)},
                         {"containsNull", type.fields[0].nullable}});
  }
  return Json::object({{"type", "map"},
                       {"keyType", type_to_json(type.fields[0].type)},
                       {"valueType", type_to_json(type.fields[1].type)},
                       {"valueContainsNull", type.fields[1].nullable}});
}

} // namespace

Result<std::vector<Field>> fields_from_json(const Json& structure, int depth) {
  std::vector<Field> fields;
  const auto* list = structure.find("fields");
  if (list == nullptr || !list->is_array()) {
    return unsupported_type(structure.dump());
  }
  for (const auto& item : list->as_array()) {
    PIER_TRY_ASSIGN(auto field, field_from_json(item, depth));
    fields.push_back(std::move(field));
  }
  return fields;
}

Json fields_to_json(const std::vector<Field>& fields) {
  auto list = Json::array();
  for (const auto& field : fields) {
    auto metadata = Json::object();
    if (auto parsed = Json::parse(field.metadata_json); parsed && parsed->is_object()) {
      metadata = *parsed;
    }
    if (!field.comment.empty()) {
      metadata["comment"] = field.comment;
    }
    list.push_back(Json::object({{"name", field.name},
                                 {"type", type_to_json(field.type)},
                                 {"nullable", field.nullable},
                                 {"metadata", std::move(metadata)}}));
  }
  return Json::object({{"type", "struct"}, {"fields", std::move(list)}});
}

Result<DataType> DataType::parse_json(std::string_view json) {
  PIER_TRY_ASSIGN(const auto parsed, Json::parse(json));
  return from_json(parsed, 0);
}

std::string DataType::to_sql() const {
  switch (kind) {
  case TypeKind::decimal: return "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
  case TypeKind::array: return "ARRAY<" + fields[0].type.to_sql() + ">";
  case TypeKind::map: return "MAP<" + fields[0].type.to_sql() + ", " + fields[1].type.to_sql() + ">";
  case TypeKind::structure: {
    std::string out = "STRUCT<";
    for (const auto& field : fields) {
      out += (out.size() > 7 ? ", " : "") + name_for_sql(field.name) + ": " + field.type.to_sql() +
             (field.nullable ? "" : " NOT NULL");
    }
    return out + ">";
  }
  default: return std::string(scalar_of(kind)->sql);
  }
}

std::string DataType::to_catalog() const {
  switch (kind) {
  case TypeKind::array: return "array<" + fields[0].type.to_catalog() + ">";
  case TypeKind::map: return "map<" + fields[0].type.to_catalog() + "," + fields[1].type.to_catalog() + ">";
  case TypeKind::structure: {
    std::string out = "struct<";
    for (const auto& field : fields) {
      out += (out.size() > 7 ? "," : "") + name_for_sql(field.name) + ":" + field.type.to_catalog();
    }
    return out + ">";
  }
  default: return to_lower(to_sql());
  }
}

std::string DataType::type_name() const {
  switch (kind) {
  case TypeKind::decimal: return "DECIMAL";
  case TypeKind::array: return "ARRAY";
  case TypeKind::map: return "MAP";
  case TypeKind::structure: return "STRUCT";
  default: return std::string(scalar_of(kind)->type_name);
  }
}

std::string DataType::to_json() const {
  return type_to_json(*this).dump();
}

std::string DataType::to_duckdb() const {
  switch (kind) {
  case TypeKind::array: return fields[0].type.to_duckdb() + "[]";
  case TypeKind::map: return "MAP(" + fields[0].type.to_duckdb() + ", " + fields[1].type.to_duckdb() + ")";
  case TypeKind::structure: {
    std::string out = "STRUCT(";
    for (const auto& field : fields) {
      out += (out.size() > 7 ? ", " : "") + quote_with(field.name, '"') + " " + field.type.to_duckdb();
    }
    return out + ")";
  }
  case TypeKind::decimal: return to_sql();
  default: return std::string(scalar_of(kind)->duckdb);
  }
}

} // namespace pier::lake

#include "core/lake/data_type.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/lake/schema_json.hpp"

#include <array>
#include <cctype>
#include <optional>

namespace pier::lake {
namespace {

/// One scalar type under all its names.
struct ScalarName {
  TypeKind kind;
  std::string_view sql;       ///< to_sql
  std::string_view type_name; ///< Statement API
  std::string_view json;      ///< Spark's JSON
  std::string_view duckdb;
};

constexpr std::array k_scalars{
    ScalarName{TypeKind::boolean, "BOOLEAN", "BOOLEAN", "boolean", "BOOLEAN"},
    ScalarName{TypeKind::int8, "TINYINT", "BYTE", "byte", "TINYINT"},
    ScalarName{TypeKind::int16, "SMALLINT", "SHORT", "short", "SMALLINT"},
    ScalarName{TypeKind::int32, "INT", "INT", "integer", "INTEGER"},
    ScalarName{TypeKind::int64, "BIGINT", "LONG", "long", "BIGINT"},
    ScalarName{TypeKind::float32, "FLOAT", "FLOAT", "float", "FLOAT"},
    ScalarName{TypeKind::float64, "DOUBLE", "DOUBLE", "double", "DOUBLE"},
    ScalarName{TypeKind::string, "STRING", "STRING", "string", "VARCHAR"},
    ScalarName{TypeKind::binary, "BINARY", "BINARY", "binary", "BLOB"},
    ScalarName{TypeKind::date, "DATE", "DATE", "date", "DATE"},
    ScalarName{TypeKind::timestamp, "TIMESTAMP", "TIMESTAMP", "timestamp", "TIMESTAMP WITH TIME ZONE"},
    ScalarName{TypeKind::timestamp_ntz, "TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp_ntz", "TIMESTAMP"},
    ScalarName{TypeKind::null, "VOID", "NULL", "void", "\"NULL\""},
    ScalarName{TypeKind::interval, "INTERVAL", "INTERVAL", "interval", "INTERVAL"},
};

constexpr std::array<std::pair<std::string_view, TypeKind>, 9> k_synonyms{{
    {"BYTE", TypeKind::int8},
    {"SHORT", TypeKind::int16},
    {"INTEGER", TypeKind::int32},
    {"LONG", TypeKind::int64},
    {"REAL", TypeKind::float32},
    {"TIMESTAMP_LTZ", TypeKind::timestamp},
    {"TEXT", TypeKind::string},
    {"NULL", TypeKind::null},
    {"BOOL", TypeKind::boolean},
}};

const ScalarName* scalar_of(TypeKind kind) {
  for (const auto& scalar : k_scalars) {
    if (scalar.kind == kind) {
      return &scalar;
    }
  }
  return nullptr;
}

Error unsupported(std::string_view text) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "UNSUPPORTED_DATATYPE",
               .message = "Unsupported data type \"" + std::string(text) + "\""};
}

std::optional<DataType> decimal_of(std::string_view precision, std::string_view scale) {
  std::int64_t p = 0;
  std::int64_t s = 0;
  if (!parse_int64(trim(precision), p) || !parse_int64(trim(scale), s) || p < 1 || p > 38 || s < 0 || s > p) {
    return std::nullopt;
  }
  return DataType{
      .kind = TypeKind::decimal, .precision = static_cast<std::uint8_t>(p), .scale = static_cast<std::uint8_t>(s)};
}

/// Recursive descent over the SQL text of a type; depth is bounded.
class TypeParser {
 public:
  explicit TypeParser(std::string_view text)
      : text_(text) {}

  Result<DataType> parse_all() {
    PIER_TRY_ASSIGN(auto type, parse_type(0));
    skip_space();
    if (position_ != text_.size()) {
      return unsupported(text_);
    }
    return type;
  }

 private:
  void skip_space() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])) != 0) {
      ++position_;
    }
  }

  bool eat(char c) {
    skip_space();
    if (position_ < text_.size() && text_[position_] == c) {
      ++position_;
      return true;
    }
    return false;
  }

  std::string word() {
    skip_space();
    std::string out;
    if (position_ < text_.size() && text_[position_] == '`') {
      const auto end = text_.find('`', position_ + 1);
      if (end == std::string_view::npos) {
        return {};
      }
      out = text_.substr(position_ + 1, end - position_ - 1);
      position_ = end + 1;
      return out;
    }
    while (position_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[position_])) != 0 || text_[position_] == '_')) {
      out += text_[position_++];
    }
    return out;
  }

  std::vector<std::string> arguments() {
    std::vector<std::string> out;
    if (!eat('(')) {
      return out;
    }
    do {
      out.push_back(word());
    } while (eat(','));
    return eat(')') ? out : std::vector<std::string>{"", "", ""};
  }

  Result<DataType> parse_type(int depth) {
    if (depth > 32) {
      return unsupported(text_);
    }
    const auto name = to_upper(word());
    if (name == "ARRAY" || name == "MAP" || name == "STRUCT") {
      return parse_nested(name, depth);
    }
    if (name == "DECIMAL" || name == "DEC" || name == "NUMERIC") {
      const auto list = arguments();
      if (list.size() > 2) {
        return unsupported(text_);
      }
      auto type = decimal_of(list.empty() ? "10" : list[0], list.size() < 2 ? "0" : list[1]);
      return type ? Result<DataType>(*type) : unsupported(text_);
    }
    if (name == "VARCHAR" || name == "CHAR" || name == "CHARACTER") {
      return arguments().size() <= 1 ? Result<DataType>(DataType{}) : unsupported(text_);
    }
    for (const auto& scalar : k_scalars) {
      if (scalar.sql == name) {
        return DataType{.kind = scalar.kind};
      }
    }
    for (const auto& [synonym, kind] : k_synonyms) {
      if (synonym == name) {
        return DataType{.kind = kind};
      }
    }
    return unsupported(name.empty() ? text_ : std::string_view(name));
  }

  Result<DataType> parse_nested(std::string_view name, int depth) {
    if (!eat('<')) {
      return unsupported(text_);
    }
    DataType type{.kind = name == "ARRAY" ? TypeKind::array : name == "MAP" ? TypeKind::map : TypeKind::structure};
    if (type.kind != TypeKind::structure) {
      const std::size_t count = type.kind == TypeKind::array ? 1 : 2;
      for (std::size_t i = 0; i < count; ++i) {
        if (i > 0 && !eat(',')) {
          return unsupported(text_);
        }
        PIER_TRY_ASSIGN(auto inner, parse_type(depth + 1));
        type.fields.push_back({.name = count == 1 ? "element" : i == 0 ? "key" : "value", .type = std::move(inner)});
      }
      return eat('>') ? Result<DataType>(std::move(type)) : unsupported(text_);
    }
    PIER_TRY(parse_members(type, depth));
    return type;
  }

  Result<void> parse_members(DataType& type, int depth) {
    if (eat('>')) {
      return {};
    }
    do {
      auto name = word();
      eat(':');
      PIER_TRY_ASSIGN(auto inner, parse_type(depth + 1));
      Field field{.name = std::move(name), .type = std::move(inner)};
      const auto mark = position_;
      if (equals_ignore_case(word(), "NOT") && equals_ignore_case(word(), "NULL")) {
        field.nullable = false;
      } else {
        position_ = mark;
      }
      if (field.name.empty()) {
        return unsupported(text_);
      }
      type.fields.push_back(std::move(field));
    } while (eat(','));
    return eat('>') ? Result<void>() : unsupported(text_);
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

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
    return unsupported(kind);
  }
  type.kind = is_array ? TypeKind::array : TypeKind::map;
  const auto add = [&](std::string_view key, std::string name, bool nullable) -> Result<void> {
    const auto* inner = json.find(key);
    if (inner == nullptr) {
      return unsupported(json.dump());
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
    return unsupported("nested deeper than 64");
  }
  if (json.is_object()) {
    return nested_from_json(json, depth);
  }
  if (!json.is_string()) {
    return unsupported(json.dump());
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
  return unsupported(name);
}

Result<Field> field_from_json(const Json& json, int depth) {
  const auto* type = json.find("type");
  if (!json.is_object() || type == nullptr) {
    return unsupported(json.dump());
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
    return unsupported(structure.dump());
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

Result<DataType> DataType::parse(std::string_view sql_text) {
  if (sql_text.size() > 1U << 16U) {
    return unsupported("longer than 64 KiB");
  }
  return TypeParser(sql_text).parse_all();
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

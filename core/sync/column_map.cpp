#include "core/sync/column_map.hpp"

#include "core/base/text.hpp"
#include "core/lakebase/pg_connection.hpp"

#include <algorithm>

namespace pier::sync {
namespace {

using lake::DataType;
using lake::TypeKind;
using lakebase::quote_identifier;

constexpr std::size_t k_max_columns = 1'600; ///< PostgreSQL's limit

// pg_type.dat
constexpr std::uint32_t k_oid_bool = 16;
constexpr std::uint32_t k_oid_bytea = 17;
constexpr std::uint32_t k_oid_int8 = 20;
constexpr std::uint32_t k_oid_int2 = 21;
constexpr std::uint32_t k_oid_int4 = 23;
constexpr std::uint32_t k_oid_float4 = 700;
constexpr std::uint32_t k_oid_float8 = 701;
constexpr std::uint32_t k_oid_date = 1082;
constexpr std::uint32_t k_oid_timestamp = 1114;
constexpr std::uint32_t k_oid_timestamptz = 1184;
constexpr std::uint32_t k_oid_numeric = 1700;

std::string list(const std::vector<lake::Field>& fields, const std::string& prefix) {
  std::string out;
  for (const auto& field : fields) {
    out += (out.empty() ? "" : ", ") + prefix + quote_identifier(field.name);
  }
  return out;
}

Error bad_key(std::string message, std::string hint = {}) {
  return Error{
      .kind = ErrorKind::invalid_argument, .code = "PIER8102", .message = std::move(message), .hint = std::move(hint)};
}

} // namespace

Result<std::string> postgres_type(const lake::Field& field) {
  switch (field.type.kind) {
  case TypeKind::boolean: return std::string("boolean");
  case TypeKind::int8:
  case TypeKind::int16: return std::string("smallint");
  case TypeKind::int32: return std::string("integer");
  case TypeKind::int64: return std::string("bigint");
  case TypeKind::float32: return std::string("real");
  case TypeKind::float64: return std::string("double precision");
  case TypeKind::decimal:
    return "numeric(" + std::to_string(field.type.precision) + "," + std::to_string(field.type.scale) + ")";
  case TypeKind::string: return std::string("text");
  case TypeKind::binary: return std::string("bytea");
  case TypeKind::date: return std::string("date");
  case TypeKind::timestamp: return std::string("timestamp with time zone");
  case TypeKind::timestamp_ntz: return std::string("timestamp without time zone");
  case TypeKind::array:
  case TypeKind::map:
  case TypeKind::structure: return std::string("jsonb");
  case TypeKind::null:
  case TypeKind::interval: break;
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER8101",
               .message = "column " + field.name + " has the type " + field.type.to_sql() +
                          ", which a synced table cannot have",
               .hint = "leave the column out or cast it in the source"};
}

Result<ColumnMap> ColumnMap::make(const std::vector<lake::Field>& fields, const std::vector<std::string>& key_names) {
  ColumnMap map{.fields = fields};
  if (fields.empty() || fields.size() > k_max_columns) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER8101",
                 .message = "a synced table has 1 to 1600 columns, the source has " + std::to_string(fields.size())};
  }
  std::vector<std::string> known;
  for (const auto& field : fields) {
    PIER_TRY_ASSIGN(auto type, postgres_type(field));
    map.types.push_back(std::move(type));
    known.push_back(field.name);
  }
  if (key_names.empty()) {
    return bad_key("a synced table needs a primary key", "name its columns in primary_key_columns");
  }
  for (const auto& name : key_names) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const std::string& other) { return equals_ignore_case(other, name); });
    if (found == known.end()) {
      const auto near = nearest(name, known);
      return bad_key("the primary key column " + name + " is not in the source",
                     near.empty() ? "" : "did you mean " + near + "?");
    }
    const auto position = static_cast<std::size_t>(found - known.begin());
    if (fields[position].type.is_nested()) {
      return bad_key("the primary key column " + name + " is nested");
    }
    if (map.is_key(position)) {
      return bad_key("the primary key column " + name + " is named twice");
    }
    map.key_columns.push_back(position);
  }
  return map;
}

std::string ColumnMap::definitions() const {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out += (out.empty() ? "" : ", ") + quote_identifier(fields[i].name) + " " + types[i];
  }
  return out;
}

std::string ColumnMap::names(const std::string& prefix) const {
  return list(fields, prefix);
}

std::string ColumnMap::key_names(const std::string& prefix) const {
  std::vector<lake::Field> keys;
  for (const auto position : key_columns) {
    keys.push_back(fields[position]);
  }
  return list(keys, prefix);
}

bool ColumnMap::is_key(std::size_t column) const {
  return std::find(key_columns.begin(), key_columns.end(), column) != key_columns.end();
}

DataType delta_type(std::uint32_t type_oid, std::int32_t modifier) {
  switch (type_oid) {
  case k_oid_bool: return {.kind = TypeKind::boolean};
  case k_oid_bytea: return {.kind = TypeKind::binary};
  case k_oid_int2: return {.kind = TypeKind::int16};
  case k_oid_int4: return {.kind = TypeKind::int32};
  case k_oid_int8: return {.kind = TypeKind::int64};
  case k_oid_float4: return {.kind = TypeKind::float32};
  case k_oid_float8: return {.kind = TypeKind::float64};
  case k_oid_date: return {.kind = TypeKind::date};
  case k_oid_timestamp: return {.kind = TypeKind::timestamp_ntz};
  case k_oid_timestamptz: return {.kind = TypeKind::timestamp};
  default: break;
  }
  if (type_oid == k_oid_numeric && modifier >= 4) {
    // numeric.c: ((precision << 16) | scale) + VARHDRSZ; the scale has 11 bits and a sign since 15.
    const auto packed = static_cast<std::uint32_t>(modifier - 4);
    const auto precision = (packed >> 16U) & 0xFFFFU;
    const auto scale = packed & 0x7FFU;
    if (precision <= 38 && scale <= precision) {
      return {.kind = TypeKind::decimal,
              .precision = static_cast<std::uint8_t>(precision),
              .scale = static_cast<std::uint8_t>(scale)};
    }
  }
  return {.kind = TypeKind::string};
}

} // namespace pier::sync

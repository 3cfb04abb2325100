#include "core/lake/engine/engine.hpp"

#include "core/lake/engine/duckdb_api.inc"

namespace pier::lake {
namespace {

/// Owns a logical type.
class TypeHandle {
 public:
  TypeHandle(const DuckApi& api, duckdb_logical_type type)
      : api_(api),
        type_(type) {}

  TypeHandle(const TypeHandle&) = delete;
  TypeHandle& operator=(const TypeHandle&) = delete;

  ~TypeHandle() { api_.duckdb_destroy_logical_type(&type_); }

  [[nodiscard]] duckdb_logical_type get() const { return type_; }

 private:
  const DuckApi& api_;
  duckdb_logical_type type_;
};

DataType convert(const DuckApi& api, duckdb_logical_type type, bool& exact);

Field member(const DuckApi& api, std::string name, duckdb_logical_type owned, bool& exact) {
  const TypeHandle handle(api, owned);
  return Field{.name = std::move(name), .type = convert(api, handle.get(), exact)};
}

DataType convert_struct(const DuckApi& api, duckdb_logical_type type, bool& exact) {
  DataType out{.kind = TypeKind::structure};
  for (idx_t i = 0; i < api.duckdb_struct_type_child_count(type); ++i) {
    char* name = api.duckdb_struct_type_child_name(type, i);
    out.fields.push_back(member(api, name, api.duckdb_struct_type_child_type(type, i), exact));
    api.duckdb_free(name);
  }
  return out;
}

DataType inexact(TypeKind kind, bool& exact) {
  exact = false;
  return DataType{.kind = kind};
}

DataType convert(const DuckApi& api, duckdb_logical_type type, bool& exact) {
  switch (api.duckdb_get_type_id(type)) {
  case DUCKDB_TYPE_BOOLEAN: return {.kind = TypeKind::boolean};
  case DUCKDB_TYPE_TINYINT: return {.kind = TypeKind::int8};
  case DUCKDB_TYPE_SMALLINT: return {.kind = TypeKind::int16};
  case DUCKDB_TYPE_INTEGER: return {.kind = TypeKind::int32};
  case DUCKDB_TYPE_BIGINT: return {.kind = TypeKind::int64};
  case DUCKDB_TYPE_FLOAT: return {.kind = TypeKind::float32};
  case DUCKDB_TYPE_DOUBLE: return {.kind = TypeKind::float64};
  case DUCKDB_TYPE_VARCHAR: return {.kind = TypeKind::string};
  case DUCKDB_TYPE_BLOB: return {.kind = TypeKind::binary};
  case DUCKDB_TYPE_DATE: return {.kind = TypeKind::date};
  case DUCKDB_TYPE_TIMESTAMP: return {.kind = TypeKind::timestamp_ntz};
  case DUCKDB_TYPE_TIMESTAMP_TZ: return {.kind = TypeKind::timestamp};
  case DUCKDB_TYPE_DECIMAL:
    return {.kind = TypeKind::decimal,
            .precision = api.duckdb_decimal_width(type),
            .scale = api.duckdb_decimal_scale(type)};
  case DUCKDB_TYPE_STRUCT: return convert_struct(api, type, exact);
  case DUCKDB_TYPE_LIST:
    return {.kind = TypeKind::array, .fields = {member(api, "element", api.duckdb_list_type_child_type(type), exact)}};
  case DUCKDB_TYPE_ARRAY:
    exact = false;
    return {.kind = TypeKind::array, .fields = {member(api, "element", api.duckdb_array_type_child_type(type), exact)}};
  case DUCKDB_TYPE_MAP:
    return {.kind = TypeKind::map,
            .fields = {member(api, "key", api.duckdb_map_type_key_type(type), exact),
                       member(api, "value", api.duckdb_map_type_value_type(type), exact)}};
  case DUCKDB_TYPE_SQLNULL: return {.kind = TypeKind::null};
  // The engine's own integers and times have no place in the dialect: they become the next larger one.
  case DUCKDB_TYPE_UTINYINT: return inexact(TypeKind::int16, exact);
  case DUCKDB_TYPE_USMALLINT: return inexact(TypeKind::int32, exact);
  case DUCKDB_TYPE_UINTEGER:
  case DUCKDB_TYPE_UBIGINT:
  case DUCKDB_TYPE_UHUGEINT:
  case DUCKDB_TYPE_HUGEINT: return inexact(TypeKind::int64, exact);
  case DUCKDB_TYPE_TIMESTAMP_S:
  case DUCKDB_TYPE_TIMESTAMP_MS:
  case DUCKDB_TYPE_TIMESTAMP_NS: return inexact(TypeKind::timestamp_ntz, exact);
  case DUCKDB_TYPE_INTERVAL: exact = false; return {.kind = TypeKind::interval};
  default: return inexact(TypeKind::string, exact);
  }
}

} // namespace

EngineColumn engine_column(const DuckApi& api, std::string name, duckdb_logical_type type) {
  bool exact = true;
  const TypeHandle handle(api, type);
  EngineColumn column{.name = std::move(name), .type = convert(api, handle.get(), exact)};
  column.needs_cast = !exact;
  return column;
}

PhysicalType physical_type_of(const DataType& type) {
  switch (type.kind) {
  case TypeKind::boolean: return PhysicalType::boolean;
  case TypeKind::int8: return PhysicalType::int8;
  case TypeKind::int16: return PhysicalType::int16;
  case TypeKind::int32: return PhysicalType::int32;
  case TypeKind::int64: return PhysicalType::int64;
  case TypeKind::float32: return PhysicalType::float32;
  case TypeKind::float64: return PhysicalType::float64;
  case TypeKind::decimal: // widths of DuckDB's decimals by precision
    return type.precision <= 4    ? PhysicalType::decimal16
           : type.precision <= 9  ? PhysicalType::decimal32
           : type.precision <= 18 ? PhysicalType::decimal64
                                  : PhysicalType::decimal128;
  case TypeKind::binary: return PhysicalType::binary;
  case TypeKind::date: return PhysicalType::date;
  case TypeKind::timestamp: return PhysicalType::timestamp;
  case TypeKind::timestamp_ntz: return PhysicalType::timestamp_ntz;
  case TypeKind::null: return PhysicalType::int32;
  default: return PhysicalType::text;
  }
}

} // namespace pier::lake

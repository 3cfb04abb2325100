#include "core/sync/column_map.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::sync;
using lake::TypeKind;

TEST_CASE("column map: Delta types as PostgreSQL types") {
  struct Case {
    const char* delta;
    const char* postgres;
  };

  for (const auto& item :
       {Case{"BOOLEAN", "boolean"}, Case{"TINYINT", "smallint"}, Case{"SMALLINT", "smallint"}, Case{"INT", "integer"},
        Case{"BIGINT", "bigint"}, Case{"FLOAT", "real"}, Case{"DOUBLE", "double precision"},
        Case{"DECIMAL(38,10)", "numeric(38,10)"}, Case{"STRING", "text"}, Case{"BINARY", "bytea"}, Case{"DATE", "date"},
        Case{"TIMESTAMP", "timestamp with time zone"}, Case{"TIMESTAMP_NTZ", "timestamp without time zone"},
        Case{"ARRAY<INT>", "jsonb"}, Case{"MAP<STRING, INT>", "jsonb"}, Case{"STRUCT<a: INT>", "jsonb"}}) {
    CAPTURE(item.delta);
    CHECK(postgres_type({.name = "c", .type = lake::DataType::parse(item.delta).value()}).value() == item.postgres);
  }
  const auto refused = postgres_type({.name = "gone", .type = {.kind = TypeKind::null}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("gone") != std::string::npos);
}

TEST_CASE("column map: the key is found without regard to case, mistakes are named") {
  const std::vector<lake::Field> fields = {{.name = "Id", .type = {.kind = TypeKind::int64}},
                                           {.name = "name", .type = {.kind = TypeKind::string}},
                                           {.name = "tags", .type = lake::DataType::parse("ARRAY<INT>").value()}};
  const auto map = ColumnMap::make(fields, {"name", "id"});
  REQUIRE(map);
  CHECK(map->key_names() == R"("name", "Id")");
  CHECK(map->definitions() == R"("Id" bigint, "name" text, "tags" jsonb)");
  CHECK(ColumnMap::make(fields, {"nam"}).error().hint == "did you mean name?");
  CHECK_FALSE(ColumnMap::make(fields, {}));
  CHECK_FALSE(ColumnMap::make(fields, {"tags"}));
  CHECK_FALSE(ColumnMap::make(fields, {"id", "ID"}));
}

TEST_CASE("column map: PostgreSQL types as Delta types") {
  CHECK(delta_type(20, -1).kind == TypeKind::int64);
  CHECK(delta_type(1184, -1).kind == TypeKind::timestamp);
  CHECK(delta_type(1114, -1).kind == TypeKind::timestamp_ntz);
  CHECK(delta_type(1700, 655366) == lake::DataType{.kind = TypeKind::decimal, .precision = 10, .scale = 2});
  CHECK(delta_type(1700, -1).kind == TypeKind::string);
  CHECK(delta_type(2950, -1).kind == TypeKind::string); // uuid
  CHECK(delta_type(3802, -1).kind == TypeKind::string); // jsonb
}

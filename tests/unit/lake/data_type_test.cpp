#include "core/lake/data_type.hpp"

#include <doctest/doctest.h>

namespace pier::lake {

TEST_CASE("data type: SQL text, JSON and engine text agree") {
  struct Case {
    const char* sql;
    const char* json;
    const char* duckdb;
  };

  for (const auto& [sql, json, duckdb] : {
           Case{"BIGINT", "\"long\"", "BIGINT"},
           Case{"DECIMAL(10,2)", "\"decimal(10,2)\"", "DECIMAL(10,2)"},
           Case{"TIMESTAMP", "\"timestamp\"", "TIMESTAMP WITH TIME ZONE"},
           Case{"ARRAY<INT>", R"({"containsNull":true,"elementType":"integer","type":"array"})", "INTEGER[]"},
           Case{"MAP<STRING, DATE>", R"({"keyType":"string","type":"map","valueContainsNull":true,"valueType":"date"})",
                "MAP(VARCHAR, DATE)"},
       }) {
    INFO(sql);
    const auto type = DataType::parse(sql);
    REQUIRE(type.has_value());
    CHECK(type->to_sql() == sql);
    CHECK(type->to_json() == json);
    CHECK(type->to_duckdb() == duckdb);
    const auto back = DataType::parse_json(json);
    REQUIRE(back.has_value());
    CHECK(back->to_sql() == sql);
  }
}

TEST_CASE("data type: nested texts in any case") {
  const auto type = DataType::parse("struct<a: int, `b c` :array<map<string,decimal>> NOT NULL>");
  REQUIRE(type.has_value());
  CHECK(type->to_sql() == "STRUCT<a: INT, `b c`: ARRAY<MAP<STRING, DECIMAL(10,0)>> NOT NULL>");
  CHECK(type->to_catalog() == "struct<a:int,`b c`:array<map<string,decimal(10,0)>>>");
}

TEST_CASE("data type: what is no type is refused") {
  for (const auto* text : {"", "WAT", "DECIMAL(39,2)", "DECIMAL(5,6)", "ARRAY<", "ARRAY<INT", "MAP<INT>", "INT INT",
                           "STRUCT<: INT>", "STRUCT<a INT"}) {
    INFO(text);
    CHECK_FALSE(DataType::parse(text).has_value());
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) {
    deep += "ARRAY<";
  }
  CHECK_FALSE(DataType::parse(deep).has_value());
}

} // namespace pier::lake

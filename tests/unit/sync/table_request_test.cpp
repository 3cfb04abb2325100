#include "core/sync/table_request.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::sync;

namespace {

Result<TableRequest> parse(std::string_view text) {
  return TableRequest::parse(Json::parse(text).value());
}

} // namespace

TEST_CASE("synced table request: what was sent is kept for the answer") {
  const auto request = parse(R"({"name":"main.Gold.delays","database_instance_name":"db","logical_database_name":"d",
    "spec":{"source_table_full_name":"main.gold.d","primary_key_columns":["id"],"scheduling_policy":"TRIGGERED",
            "create_database_objects_if_missing":true}})");
  REQUIRE(request);
  CHECK(request->table.policy == SchedulingPolicy::triggered);
  CHECK(request->table.source.to_string() == "main.gold.d");
  CHECK(request->create_database_objects);
  CHECK(request->table.spec.find_path({"spec", "primary_key_columns"})->dump() == R"(["id"])");
  CHECK(request->table.spec.get_string("name") == "main.Gold.delays");
}

TEST_CASE("synced table request: what is wrong or would be ignored is refused") {
  struct Case {
    const char* text;
    ErrorKind kind;
  };

  for (const auto& item :
       {Case{R"([])", ErrorKind::invalid_argument}, Case{R"({"name":"a.b.c"})", ErrorKind::invalid_argument},
        Case{R"({"name":"a.b.c","spec":{"primary_key_columns":["id"]}})", ErrorKind::invalid_argument},
        Case{R"({"name":"a.b.c","spec":{"source_table_full_name":"a.b.d"}})", ErrorKind::invalid_argument},
        Case{R"({"name":"a.b.c","sepc":{},"spec":{}})", ErrorKind::invalid_argument},
        Case{R"({"name":"a.b.c-d","spec":{"source_table_full_name":"a.b.d","primary_key_columns":["id"]}})",
             ErrorKind::invalid_argument},
        Case{R"({"name":"a.b.c","spec":{"source_table_full_name":"a.b.d","primary_key_columns":["id"],
                 "scheduling_policy":"DAILY"}})",
             ErrorKind::invalid_argument},
        Case{R"({"name":"a.b.c","spec":{"source_table_full_name":"a.b.d","primary_key_columns":["id"],
                 "type_overrides":[]}})",
             ErrorKind::unsupported}}) {
    CAPTURE(item.text);
    const auto request = parse(item.text);
    REQUIRE_FALSE(request);
    CHECK(request.error().kind == item.kind);
  }
}

#include "core/migrate/sql_splitter.hpp"

#include <doctest/doctest.h>

#include <tuple>

using namespace pier;
using namespace pier::migrate;

namespace {

std::vector<std::string> texts(std::string_view sql) {
  Diagnostics diagnostics;
  std::vector<std::string> out;
  for (const auto& statement : split_sql("f.sql", sql, diagnostics)) {
    CHECK(sql.substr(statement.offset, statement.text.size()) == statement.text);
    out.push_back(statement.text);
  }
  for (const auto& problem : diagnostics.all()) {
    FAIL_CHECK(problem.summary);
  }
  return out;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("splitter: semicolons that end statements, and no others") {
  const std::vector<std::pair<std::string, Texts>> cases{
      {"", {}},
      {" ;; -- nothing\n /* at /* all */ */ ;", {}},
      {"SELECT 1; SELECT 2", {"SELECT 1", "SELECT 2"}},
      {"-- a;\nSELECT 1 -- b;\n;", {"SELECT 1 -- b;"}},
      {"SELECT ';', 'it''s;', \"a;\"\"b\"; SELECT 2", {"SELECT ';', 'it''s;', \"a;\"\"b\"", "SELECT 2"}},
      {"SELECT '\\'; SELECT 2", {"SELECT '\\'", "SELECT 2"}},
      {"SELECT E'\\';', e'\\\\'; SELECT 2", {"SELECT E'\\';', e'\\\\'", "SELECT 2"}},
      {"SELECT U&'\\0061;', B'1', x'ff;'; SELECT 2", {"SELECT U&'\\0061;', B'1', x'ff;'", "SELECT 2"}},
      {"DO $$ BEGIN x; END $$; SELECT 2", {"DO $$ BEGIN x; END $$", "SELECT 2"}},
      {"DO $a$ $$;$b$; $a$; SELECT 2", {"DO $a$ $$;$b$; $a$", "SELECT 2"}},
      {"SELECT a$b$c; SELECT $1; SELECT 2", {"SELECT a$b$c", "SELECT $1", "SELECT 2"}},
      {"SELECT /* ; /* ; */ ; */ 1; SELECT 2", {"SELECT /* ; /* ; */ ; */ 1", "SELECT 2"}},
      {"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
       {"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"}},
      {"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; "
       "SELECT 2",
       {"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
        "SELECT 2"}},
      {"create or replace procedure p() begin atomic select 1; end; select 2",
       {"create or replace procedure p() begin atomic select 1; end", "select 2"}},
      {"SELECT 1e5, 0x1F, 1.5; SELECT 2", {"SELECT 1e5, 0x1F, 1.5", "SELECT 2"}},
      {"\xEF\xBB\xBFSELECT 1;", {"SELECT 1"}},
      {"SELECT é, 'ü;'; SELECT 2", {"SELECT é, 'ü;'", "SELECT 2"}},
      {"COPY t TO '/tmp/x'; SELECT stdin FROM t", {"COPY t TO '/tmp/x'", "SELECT stdin FROM t"}},
  };
  for (const auto& [sql, expected] : cases) {
    CAPTURE(sql);
    CHECK(texts(sql) == expected);
  }
}

TEST_CASE("splitter: what cannot be run is reported with its place") {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {"SELECT 1;\n  SELECT 'open", "PIER8401", "f.sql:2:10"},
      {"SELECT 1 /* open /* */", "PIER8401", "f.sql:1:10"},
      {"DO $x$ open $$", "PIER8401", "f.sql:1:4"},
      {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;", "PIER8401", "f.sql:1:1"},
      {"SELECT 1;\n\\i other.sql\n", "PIER8402", "f.sql:2:1"},
      {"COPY t (a) FROM STDIN;\n1\n\\.\n", "PIER8402", "f.sql:1:17"},
      {"BEGIN; SELECT 1; COMMIT;", "PIER8403", "f.sql:1:1"},
      {"SELECT 1;\nstart transaction;", "PIER8403", "f.sql:2:1"},
      {"PREPARE TRANSACTION 'x'", "PIER8403", "f.sql:1:1"},
  };
  for (const auto& [sql, code, place] : cases) {
    CAPTURE(sql);
    Diagnostics diagnostics;
    (void)split_sql("f.sql", sql, diagnostics);
    REQUIRE(diagnostics.has_errors());
    CHECK(diagnostics.all()[0].code == code);
    CHECK(diagnostics.all()[0].spans[0].to_string() == place);
  }
}

TEST_CASE("splitter: PREPARE of a statement is no transaction control") {
  CHECK(texts("PREPARE p AS SELECT 1") == Texts{"PREPARE p AS SELECT 1"});
}

TEST_CASE("splitter: places count characters, not bytes") {
  const auto span = span_at("f.sql", "a\néé x", 7, 1);
  CHECK(span.line == 2);
  CHECK(span.column == 4);
  CHECK(span.end_column == 5);
}

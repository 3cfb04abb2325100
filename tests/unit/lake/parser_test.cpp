#include "core/lake/sql/lexer.hpp"
#include "core/lake/sql/statement_ast.hpp"

#include <doctest/doctest.h>

namespace pier::lake::sql {
namespace {

std::string class_of(std::string_view sql) {
  const auto statement = parse_statement(sql);
  return statement ? "ok" : statement.error().code;
}

std::string text_of(std::string_view sql) {
  const auto tokens = tokenize(sql);
  return tokens ? tokens->front().text : tokens.error().message;
}

} // namespace

TEST_CASE("lexer: texts with escapes, raw texts, names and numbers") {
  CHECK(text_of(R"('a\'b\n\u00e4\\')") == "a'b\n\xC3\xA4\\");
  CHECK(text_of(R"(r'a\nb')") == "a\\nb");
  CHECK(text_of(R"("it's")") == "it's");
  CHECK(text_of("`a``b`") == "a`b");
  CHECK(text_of("1.5e-3BD") == "1.5e-3BD");
  CHECK(text_of("-- nothing\n /* a /* b */ c */ x") == "x");
  CHECK(text_of("'open") == "Found an unclosed string literal (line 1, pos 0)");
  CHECK(text_of("\n  /* open") == "Found an unclosed bracketed comment (line 2, pos 2)");
}

TEST_CASE("lexer: a script is split outside texts and comments") {
  const auto parts = split_script("SELECT ';'; -- a;b\n;SELECT `;` /* ; */;");
  REQUIRE(parts.has_value());
  REQUIRE(parts->size() == 2);
  CHECK((*parts)[0] == "SELECT ';'");
}

TEST_CASE("parser: statements that are understood") {
  for (const auto* sql : {
           "SELECT 1",
           "SELECT a.b, c AS d, count(*) FILTER (WHERE x > 1) OVER (PARTITION BY y ORDER BY z DESC NULLS LAST ROWS "
           "BETWEEN 1 PRECEDING AND CURRENT ROW) FROM x LEFT JOIN y USING (k), z WHERE NOT a IN (1, 2) AND b BETWEEN 1 "
           "AND 2 OR c LIKE 'x%' ESCAPE '!' GROUP BY 1 HAVING max(q) > 1 QUALIFY row_number() OVER w = 1 WINDOW w AS "
           "(ORDER BY 1) ORDER BY 1 LIMIT 10 OFFSET 2",
           "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 5) SELECT * FROM a",
           "SELECT ((SELECT 1) + 2), (1, 2), x -> x + 1, m['k'], a[0].b, CAST(x AS DECIMAL(10, 2)), x::ARRAY<INT>",
           "SELECT * EXCEPT (a) FROM t VERSION AS OF 3 AS x JOIN delta.`/Volumes/a/b/c` TIMESTAMP AS OF '2024-01-01'",
           "SELECT explode(a) FROM t LATERAL VIEW OUTER explode(b) e AS f",
           "INSERT OVERWRITE TABLE a.b.c (x, y) SELECT 1, 2",
           "MERGE INTO t USING (SELECT 1 AS a) s ON t.a = s.a WHEN MATCHED AND t.b THEN DELETE WHEN NOT MATCHED THEN "
           "INSERT *",
           "CREATE OR REPLACE TABLE c.s.t PARTITIONED BY (d) COMMENT 'x' TBLPROPERTIES (a.b = 'c') AS SELECT 1 AS d",
           "GRANT SELECT, USE SCHEMA ON SCHEMA a.b TO `x@y.z`",
           "SELECT INTERVAL 3 DAYS, DATE '2024-01-01' - INTERVAL '1' MONTH, extract(YEAR FROM x)",
           "DESCRIBE HISTORY a.b.c LIMIT 5",
           "SELECT 1 UNION SELECT 2 EXCEPT (SELECT 3 INTERSECT SELECT 4) ORDER BY ALL",
       }) {
    const auto statement = parse_statement(sql);
    INFO(sql);
    INFO((statement ? std::string() : statement.error().message));
    CHECK(statement.has_value());
  }
}

TEST_CASE("parser: what is wrong is told from what is not offered") {
  CHECK(class_of("SELECT FROM") == "PARSE_SYNTAX_ERROR");
  CHECK(class_of("SELECT 1 2") == "PARSE_SYNTAX_ERROR");
  CHECK(class_of("SELECT (1") == "PARSE_SYNTAX_ERROR");
  CHECK(class_of("") == "PARSE_SYNTAX_ERROR");
  CHECK(class_of("SELECT * FROM 'file'") == "PARSE_SYNTAX_ERROR");
  CHECK(class_of("VACUUM t") == "UNSUPPORTED_FEATURE");
  CHECK(class_of("CREATE TABLE t USING parquet AS SELECT 1") == "UNSUPPORTED_FEATURE");
  CHECK(class_of("SELECT * FROM t PIVOT (sum(a) FOR b IN (1))") == "UNSUPPORTED_FEATURE");
}

TEST_CASE("parser: deep and long input is bounded") {
  CHECK(class_of("SELECT " + std::string(10'000, '(') + "1" + std::string(10'000, ')')) == "PARSE_SYNTAX_ERROR");
  std::string sum = "SELECT 1";
  std::string logic = "SELECT true";
  std::string nots = "SELECT ";
  for (int i = 0; i < 5000; ++i) {
    sum += " + 1";
    logic += " OR x = 1";
    nots += "NOT ";
  }
  CHECK(class_of(sum) == "PARSE_SYNTAX_ERROR");
  CHECK(class_of(logic) == "ok");
  CHECK(class_of(nots + "true") == "PARSE_SYNTAX_ERROR");
  std::string nested;
  for (int i = 0; i < 100; ++i) {
    nested = "((SELECT 1) + " + (nested.empty() ? "1" : nested) + ")";
  }
  CHECK(class_of("SELECT " + nested) == "ok");
}

} // namespace pier::lake::sql

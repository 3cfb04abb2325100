#include "core/lake/sql/parse_statement.hpp"

#include "core/base/text.hpp"

#include <array>

namespace pier::lake::sql {
namespace {

/// Statements that exist on Databricks and not here.
constexpr std::array<std::string_view, 24> k_not_offered{
    "OPTIMIZE", "VACUUM", "RESTORE", "REORG",   "ANALYZE", "CACHE",  "UNCACHE", "REFRESH",
    "SET",      "RESET",  "EXPLAIN", "COMMENT", "COPY",    "CALL",   "EXECUTE", "DECLARE",
    "BEGIN",    "LIST",   "MSCK",    "REPAIR",  "CONVERT", "UNDROP", "SYNC",    "FSCK"};

Result<Statement> dispatch(Parser& parser) {
  if (parser.at_query()) {
    PIER_TRY_ASSIGN(auto query, parser.query());
    return Statement(std::move(query));
  }

  struct Entry {
    std::string_view word;
    Result<Statement> (*parse)(Parser&);
  };

  constexpr std::array k_entries{
      Entry{"CREATE", parse_create}, Entry{"DROP", parse_drop},     Entry{"ALTER", parse_alter},
      Entry{"INSERT", parse_insert}, Entry{"DELETE", parse_delete}, Entry{"TRUNCATE", parse_truncate},
      Entry{"UPDATE", parse_update}, Entry{"MERGE", parse_merge},   Entry{"DESCRIBE", parse_describe},
      Entry{"DESC", parse_describe}, Entry{"SHOW", parse_show},     Entry{"USE", parse_use},
  };
  for (const auto& entry : k_entries) {
    if (parser.eat_word(entry.word)) {
      return entry.parse(parser);
    }
  }
  if (parser.eat_word("GRANT")) {
    return parse_grant(parser, false);
  }
  if (parser.eat_word("REVOKE")) {
    return parse_grant(parser, true);
  }
  for (const auto word : k_not_offered) {
    if (parser.peek().is_word(word)) {
      return parser.refuse(word);
    }
  }
  return parser.unexpected();
}

} // namespace

Result<Statement> parse_statement(std::string_view sql) {
  PIER_TRY_ASSIGN(auto tokens, tokenize(sql));
  Parser parser(sql, std::move(tokens));
  PIER_TRY_ASSIGN(auto statement, dispatch(parser));
  PIER_TRY(parser.expect_end());
  return statement;
}

Result<std::string> parse_text(Parser& parser) {
  if (parser.peek().kind != TokenKind::text) {
    return parser.unexpected();
  }
  std::string out;
  while (parser.peek().kind == TokenKind::text) {
    out += parser.take().text;
  }
  return out;
}

Result<Statement> parse_describe(Parser& parser) {
  Describe out;
  if (parser.eat_word("QUERY") || parser.at_query()) {
    out.kind = DescribeKind::query;
    PIER_TRY_ASSIGN(out.query, parser.query());
    return Statement(std::move(out));
  }
  if (parser.eat_word("HISTORY")) {
    out.kind = DescribeKind::history;
  } else if (parser.eat_word("DETAIL")) {
    out.kind = DescribeKind::detail;
  } else if (parser.eat_word("CATALOG")) {
    out.kind = DescribeKind::catalog;
    parser.eat_word("EXTENDED");
  } else if (parser.eat_word("SCHEMA") || parser.eat_word("DATABASE")) {
    out.kind = DescribeKind::schema;
    parser.eat_word("EXTENDED");
  } else if (parser.eat_word("FUNCTION") || parser.eat_word("VOLUME")) {
    return parser.refuse("DESCRIBE FUNCTION or VOLUME");
  } else {
    parser.eat_word("TABLE");
    if (parser.eat_word("EXTENDED") || parser.eat_word("FORMATTED")) {
      out.kind = DescribeKind::extended;
    }
  }
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  if (out.kind == DescribeKind::history && parser.eat_word("LIMIT")) {
    PIER_TRY_ASSIGN(out.limit, parser.expression());
  }
  return Statement(std::move(out));
}

Result<Statement> parse_show(Parser& parser) {
  Show out;
  if (parser.eat_word("CATALOGS")) {
    out.kind = ShowKind::catalogs;
  } else if (parser.eat_word("SCHEMAS") || parser.eat_word("DATABASES")) {
    out.kind = ShowKind::schemas;
  } else if (parser.eat_word("TABLES")) {
    out.kind = ShowKind::tables;
  } else if (parser.eat_word("VIEWS")) {
    out.kind = ShowKind::views;
  } else if (parser.eat_word("COLUMNS")) {
    out.kind = ShowKind::columns;
  } else if (parser.eat_word("TBLPROPERTIES")) {
    out.kind = ShowKind::properties;
    PIER_TRY_ASSIGN(out.in, parser.qualified_name());
    if (parser.eat("(")) {
      PIER_TRY_ASSIGN(out.property, parse_text(parser));
      PIER_TRY(parser.expect(")"));
    }
    return Statement(std::move(out));
  } else if (parser.eat_words({"CREATE", "TABLE"})) {
    out.kind = ShowKind::create_table;
    PIER_TRY_ASSIGN(out.in, parser.qualified_name());
    return Statement(std::move(out));
  } else {
    return parser.refuse("SHOW " + parser.peek().upper);
  }
  if (parser.eat_word("IN") || parser.eat_word("FROM")) {
    PIER_TRY_ASSIGN(out.in, parser.qualified_name());
    if (out.kind == ShowKind::columns && (parser.eat_word("IN") || parser.eat_word("FROM"))) {
      PIER_TRY_ASSIGN(auto schema, parser.qualified_name());
      schema.insert(schema.end(), out.in.begin(), out.in.end());
      out.in = std::move(schema);
    }
  }
  if (parser.eat_word("LIKE") || parser.peek().kind == TokenKind::text) {
    PIER_TRY_ASSIGN(out.pattern, parse_text(parser));
  }
  return Statement(std::move(out));
}

Result<Statement> parse_use(Parser& parser) {
  Use out;
  if (parser.eat_word("CATALOG")) {
    out.kind = ObjectKind::catalog;
  } else if (!parser.eat_word("SCHEMA")) {
    parser.eat_word("DATABASE");
  }
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  if (out.name.size() > (out.kind == ObjectKind::catalog ? 1U : 2U)) {
    return parser.unexpected();
  }
  return Statement(std::move(out));
}

Result<Statement> parse_grant(Parser& parser, bool revoke) {
  GrantStatement out{.revoke = revoke};
  do {
    std::string privilege;
    while (parser.peek().kind == TokenKind::word && !parser.peek().is_word("ON")) {
      privilege += (privilege.empty() ? "" : "_") + parser.take().upper;
    }
    if (privilege.empty()) {
      return parser.unexpected();
    }
    out.privileges.push_back(privilege == "ALL" ? "ALL_PRIVILEGES" : privilege);
  } while (parser.eat(","));
  PIER_TRY(parser.expect_word("ON"));
  out.securable = "table";
  for (const auto* kind : {"CATALOG", "SCHEMA", "DATABASE", "TABLE", "VIEW", "VOLUME", "FUNCTION"}) {
    if (parser.eat_word(kind)) {
      out.securable = std::string_view(kind) == "DATABASE" ? "schema"
                      : std::string_view(kind) == "VIEW"   ? "table"
                                                           : to_lower(kind);
      break;
    }
  }
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  PIER_TRY(parser.expect_word(revoke ? "FROM" : "TO"));
  if (parser.peek().kind == TokenKind::text) {
    out.principal = parser.take().text;
  } else {
    PIER_TRY_ASSIGN(out.principal, parser.name());
  }
  return Statement(std::move(out));
}

} // namespace pier::lake::sql

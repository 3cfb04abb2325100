#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/lake/sql/parse_statement.hpp"

namespace pier::lake::sql {
namespace {

Result<bool> if_not_exists(Parser& parser) {
  if (!parser.eat_word("IF")) {
    return false;
  }
  PIER_TRY(parser.expect_word("NOT"));
  PIER_TRY(parser.expect_word("EXISTS"));
  return true;
}

/// "delta.enableChangeDataFeed" or 'delta.x' or plain.dotted.name
Result<std::string> property_key(Parser& parser) {
  if (parser.peek().kind == TokenKind::text) {
    return parse_text(parser);
  }
  PIER_TRY_ASSIGN(const auto parts, parser.qualified_name());
  return join(parts, ".");
}

Result<Statement> create_schema(Parser& parser) {
  CreateSchema out;
  PIER_TRY_ASSIGN(out.if_not_exists, if_not_exists(parser));
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  while (parser.peek().kind == TokenKind::word) {
    if (parser.eat_word("COMMENT")) {
      PIER_TRY_ASSIGN(out.comment, parse_text(parser));
    } else {
      return parser.refuse("CREATE SCHEMA … " + parser.peek().upper);
    }
  }
  return Statement(std::move(out));
}

/// Clauses between the columns and AS.
Result<void> table_clause(Parser& parser, CreateTable& out) {
  if (parser.eat_word("USING")) {
    if (!parser.eat_word("DELTA")) {
      return parser.refuse("CREATE TABLE USING " + parser.peek().upper);
    }
    return {};
  }
  if (parser.eat_words({"PARTITIONED", "BY"})) {
    PIER_TRY_ASSIGN(out.partition_columns, parser.name_list());
    return {};
  }
  if (parser.eat_word("COMMENT")) {
    PIER_TRY_ASSIGN(out.comment, parse_text(parser));
    return {};
  }
  if (parser.eat_word("LOCATION")) {
    PIER_TRY_ASSIGN(out.location, parse_text(parser));
    return {};
  }
  if (parser.eat_word("TBLPROPERTIES")) {
    PIER_TRY_ASSIGN(out.properties, parse_properties(parser));
    return {};
  }
  if (parser.peek().kind == TokenKind::word && !parser.peek().is_word("AS")) {
    return parser.refuse("CREATE TABLE … " + parser.peek().upper);
  }
  return parser.unexpected();
}

Result<Statement> create_table(Parser& parser, bool or_replace) {
  CreateTable out{.or_replace = or_replace};
  PIER_TRY_ASSIGN(out.if_not_exists, if_not_exists(parser));
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  if (parser.peek().is("(")) {
    std::vector<std::string> primary_key;
    PIER_TRY_ASSIGN(out.columns, parse_columns(parser, &primary_key));
    for (auto& column : out.columns) {
      for (const auto& key : primary_key) {
        column.nullable = column.nullable && !equals_ignore_case(column.name, key);
      }
    }
  }
  while (parser.peek().kind != TokenKind::end && !parser.peek().is(";")) {
    if (parser.eat_word("AS") || parser.at_query()) {
      PIER_TRY_ASSIGN(out.query, parser.query());
      break;
    }
    PIER_TRY(table_clause(parser, out));
  }
  if (out.query && !out.columns.empty()) {
    return parser.refuse("CREATE TABLE with a column list AS SELECT");
  }
  return Statement(std::move(out));
}

Result<Statement> create_view(Parser& parser, bool or_replace) {
  CreateView out{.or_replace = or_replace};
  PIER_TRY_ASSIGN(out.if_not_exists, if_not_exists(parser));
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  if (parser.peek().is("(")) {
    PIER_TRY_ASSIGN(out.columns, parser.name_list());
  }
  if (parser.eat_word("COMMENT")) {
    PIER_TRY_ASSIGN(out.comment, parse_text(parser));
  }
  PIER_TRY(parser.expect_word("AS"));
  const auto begin = parser.peek().begin;
  PIER_TRY_ASSIGN(out.query, parser.query());
  out.query_text = parser.source(begin, parser.peek().begin);
  return Statement(std::move(out));
}

Result<void> column_options(Parser& parser, Field& field, std::vector<std::string>* primary_key) {
  while (parser.peek().kind == TokenKind::word) {
    if (parser.eat_words({"NOT", "NULL"})) {
      field.nullable = false;
    } else if (parser.eat_word("NULL")) {
    } else if (parser.eat_word("COMMENT")) {
      PIER_TRY_ASSIGN(field.comment, parse_text(parser));
    } else if (primary_key != nullptr && parser.eat_words({"PRIMARY", "KEY"})) {
      primary_key->push_back(field.name);
    } else {
      return parser.refuse("the column clause " + parser.peek().upper);
    }
  }
  return {};
}

} // namespace

Result<std::map<std::string, std::string>> parse_properties(Parser& parser) {
  std::map<std::string, std::string> out;
  PIER_TRY(parser.expect("("));
  do {
    PIER_TRY_ASSIGN(auto key, property_key(parser));
    parser.eat("=");
    const auto& value = parser.peek();
    if (value.kind == TokenKind::text) {
      PIER_TRY_ASSIGN(out[key], parse_text(parser));
    } else if (value.kind == TokenKind::word || value.kind == TokenKind::number) {
      out[key] = to_lower(parser.take().text);
    } else {
      return parser.unexpected();
    }
  } while (parser.eat(","));
  PIER_TRY(parser.expect(")"));
  return out;
}

Result<std::vector<Field>> parse_columns(Parser& parser, std::vector<std::string>* primary_key) {
  std::vector<Field> columns;
  PIER_TRY(parser.expect("("));
  do {
    if (primary_key != nullptr && parser.eat_word("CONSTRAINT")) {
      PIER_TRY(parser.name());
    }
    if (primary_key != nullptr && parser.eat_words({"PRIMARY", "KEY"})) {
      PIER_TRY_ASSIGN(*primary_key, parser.name_list());
      parser.eat_word("RELY");
      continue;
    }
    Field field;
    PIER_TRY_ASSIGN(field.name, parser.name());
    PIER_TRY_ASSIGN(field.type, parser.data_type());
    PIER_TRY(column_options(parser, field, primary_key));
    columns.push_back(std::move(field));
  } while (parser.eat(","));
  PIER_TRY(parser.expect(")"));
  return columns;
}

Result<Statement> parse_create(Parser& parser) {
  const bool or_replace = parser.eat_words({"OR", "REPLACE"});
  if (parser.eat_word("SCHEMA") || parser.eat_word("DATABASE")) {
    return create_schema(parser);
  }
  parser.eat_word("EXTERNAL");
  if (parser.eat_word("TABLE")) {
    return create_table(parser, or_replace);
  }
  if (parser.eat_word("VIEW")) {
    return create_view(parser, or_replace);
  }
  if (parser.peek().kind == TokenKind::word) {
    return parser.refuse("CREATE " + parser.peek().upper);
  }
  return parser.unexpected();
}

Result<Statement> parse_drop(Parser& parser) {
  Drop out;
  if (parser.eat_word("TABLE")) {
    out.kind = ObjectKind::table;
  } else if (parser.eat_word("VIEW")) {
    out.kind = ObjectKind::view;
  } else if (parser.eat_word("SCHEMA") || parser.eat_word("DATABASE")) {
    out.kind = ObjectKind::schema;
  } else if (parser.peek().kind == TokenKind::word) {
    return parser.refuse("DROP " + parser.peek().upper);
  } else {
    return parser.unexpected();
  }
  out.if_exists = parser.eat_words({"IF", "EXISTS"});
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  if (out.kind == ObjectKind::schema) {
    out.cascade = parser.eat_word("CASCADE");
    if (!out.cascade) {
      parser.eat_word("RESTRICT");
    }
  }
  return Statement(std::move(out));
}

Result<Statement> parse_alter(Parser& parser) {
  AlterTable out;
  if (!parser.eat_word("TABLE")) {
    return parser.peek().kind == TokenKind::word ? parser.refuse("ALTER " + parser.peek().upper) : parser.unexpected();
  }
  PIER_TRY_ASSIGN(out.name, parser.qualified_name());
  if (parser.eat_words({"SET", "TBLPROPERTIES"})) {
    PIER_TRY_ASSIGN(out.properties, parse_properties(parser));
    return Statement(std::move(out));
  }
  if (parser.eat_words({"UNSET", "TBLPROPERTIES"})) {
    out.kind = AlterTable::Kind::unset_properties;
    out.if_exists = parser.eat_words({"IF", "EXISTS"});
    PIER_TRY(parser.expect("("));
    do {
      PIER_TRY_ASSIGN(auto key, property_key(parser));
      out.names.push_back(std::move(key));
    } while (parser.eat(","));
    PIER_TRY(parser.expect(")"));
    return Statement(std::move(out));
  }
  if (parser.eat_words({"ADD", "COLUMNS"}) || parser.eat_words({"ADD", "COLUMN"})) {
    out.kind = AlterTable::Kind::add_columns;
    if (parser.peek().is("(")) {
      PIER_TRY_ASSIGN(out.columns, parse_columns(parser, nullptr));
    } else {
      Field field;
      PIER_TRY_ASSIGN(field.name, parser.name());
      PIER_TRY_ASSIGN(field.type, parser.data_type());
      PIER_TRY(column_options(parser, field, nullptr));
      out.columns.push_back(std::move(field));
    }
    return Statement(std::move(out));
  }
  if (parser.eat_words({"ALTER", "COLUMN"})) {
    out.kind = AlterTable::Kind::column_comment;
    PIER_TRY_ASSIGN(auto column, parser.name());
    out.names.push_back(std::move(column));
    if (!parser.eat_word("COMMENT")) {
      return parser.refuse("ALTER TABLE … ALTER COLUMN … " + parser.peek().upper);
    }
    PIER_TRY_ASSIGN(out.comment, parse_text(parser));
    return Statement(std::move(out));
  }
  return parser.refuse("ALTER TABLE … " + parser.peek().upper + " " + parser.peek(1).upper);
}

} // namespace pier::lake::sql

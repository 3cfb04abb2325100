#include "core/base/text.hpp"
#include "core/lake/sql/parse_statement.hpp"

namespace pier::lake::sql {
namespace {

Result<ExpressionPtr> optional_condition(Parser& parser, std::string_view keyword) {
  if (!parser.eat_word(keyword)) {
    return ExpressionPtr();
  }
  return parser.expression();
}

Result<void> merge_insert(Parser& parser, MergeClause& clause) {
  if (parser.eat("*")) {
    clause.action = MergeAction::insert_all;
    return {};
  }
  clause.action = MergeAction::insert;
  PIER_TRY(parser.expect("("));
  do {
    Assignment assignment;
    PIER_TRY_ASSIGN(assignment.column, parser.qualified_name());
    clause.assignments.push_back(std::move(assignment));
  } while (parser.eat(","));
  PIER_TRY(parser.expect(")"));
  PIER_TRY(parser.expect_word("VALUES"));
  PIER_TRY(parser.expect("("));
  for (std::size_t i = 0; i < clause.assignments.size(); ++i) {
    if (i > 0) {
      PIER_TRY(parser.expect(","));
    }
    PIER_TRY_ASSIGN(clause.assignments[i].value, parser.expression());
  }
  return parser.expect(")");
}

Result<MergeClause> merge_clause(Parser& parser) {
  MergeClause out;
  const bool negated = parser.eat_word("NOT");
  PIER_TRY(parser.expect_word("MATCHED"));
  if (negated) {
    out.when = parser.eat_words({"BY", "SOURCE"}) ? MergeWhen::not_matched_by_source : MergeWhen::not_matched;
    parser.eat_words({"BY", "TARGET"});
  }
  PIER_TRY_ASSIGN(out.condition, optional_condition(parser, "AND"));
  PIER_TRY(parser.expect_word("THEN"));
  if (out.when == MergeWhen::not_matched) {
    PIER_TRY(parser.expect_word("INSERT"));
    PIER_TRY(merge_insert(parser, out));
  } else if (parser.eat_word("DELETE")) {
    out.action = MergeAction::remove;
  } else {
    PIER_TRY(parser.expect_word("UPDATE"));
    PIER_TRY(parser.expect_word("SET"));
    if (parser.eat("*")) {
      out.action = MergeAction::update_all;
    } else {
      PIER_TRY_ASSIGN(out.assignments, parse_assignments(parser));
    }
  }
  return out;
}

/// A table, a path or a bracketed query with an alias.
Result<FromItem> merge_source(Parser& parser) {
  if (!parser.peek().is("(")) {
    return parser.table_reference();
  }
  FromItem out{.kind = FromKind::query, .at = parser.peek().begin};
  parser.take();
  PIER_TRY_ASSIGN(out.query, parser.query());
  PIER_TRY(parser.expect(")"));
  PIER_TRY_ASSIGN(out.alias, parser.optional_alias());
  return out;
}

} // namespace

Result<std::vector<Assignment>> parse_assignments(Parser& parser) {
  std::vector<Assignment> out;
  do {
    Assignment assignment;
    PIER_TRY_ASSIGN(assignment.column, parser.qualified_name());
    PIER_TRY(parser.expect("="));
    PIER_TRY_ASSIGN(assignment.value, parser.expression());
    out.push_back(std::move(assignment));
  } while (parser.eat(","));
  return out;
}

Result<Statement> parse_insert(Parser& parser) {
  Insert out;
  if (parser.eat_word("OVERWRITE")) {
    out.overwrite = true;
    if (parser.peek().is_word("DIRECTORY") || parser.peek().is_word("LOCAL")) {
      return parser.refuse("INSERT OVERWRITE DIRECTORY");
    }
    parser.eat_word("INTO");
  } else {
    PIER_TRY(parser.expect_word("INTO"));
  }
  parser.eat_word("TABLE");
  out.table.at = parser.peek().begin;
  PIER_TRY_ASSIGN(out.table.name, parser.qualified_name());
  if (parser.peek().is_word("PARTITION")) {
    return parser.refuse("INSERT … PARTITION");
  }
  if (parser.peek().is_word("REPLACE")) {
    return parser.refuse("INSERT … REPLACE");
  }
  if (parser.peek().is("(") && !parser.at_query()) {
    PIER_TRY_ASSIGN(out.columns, parser.name_list());
  }
  if (parser.eat_words({"BY", "NAME"})) {
    out.by_name = true;
  }
  PIER_TRY_ASSIGN(out.query, parser.query());
  return Statement(std::move(out));
}

Result<Statement> parse_delete(Parser& parser) {
  Delete out;
  PIER_TRY(parser.expect_word("FROM"));
  PIER_TRY_ASSIGN(out.table, parser.table_reference());
  PIER_TRY_ASSIGN(out.where, optional_condition(parser, "WHERE"));
  return Statement(std::move(out));
}

Result<Statement> parse_truncate(Parser& parser) {
  Delete out{.truncate = true};
  PIER_TRY(parser.expect_word("TABLE"));
  out.table.at = parser.peek().begin;
  PIER_TRY_ASSIGN(out.table.name, parser.qualified_name());
  return Statement(std::move(out));
}

Result<Statement> parse_update(Parser& parser) {
  Update out;
  PIER_TRY_ASSIGN(out.table, parser.table_reference());
  PIER_TRY(parser.expect_word("SET"));
  PIER_TRY_ASSIGN(out.assignments, parse_assignments(parser));
  PIER_TRY_ASSIGN(out.where, optional_condition(parser, "WHERE"));
  return Statement(std::move(out));
}

Result<Statement> parse_merge(Parser& parser) {
  Merge out;
  if (parser.peek().is_word("WITH")) {
    return parser.refuse("MERGE WITH SCHEMA EVOLUTION");
  }
  PIER_TRY(parser.expect_word("INTO"));
  PIER_TRY_ASSIGN(out.target, parser.table_reference());
  PIER_TRY(parser.expect_word("USING"));
  PIER_TRY_ASSIGN(out.source, merge_source(parser));
  PIER_TRY(parser.expect_word("ON"));
  PIER_TRY_ASSIGN(out.on, parser.expression());
  while (parser.eat_word("WHEN")) {
    PIER_TRY_ASSIGN(auto clause, merge_clause(parser));
    out.clauses.push_back(std::move(clause));
  }
  if (out.clauses.empty()) {
    return parser.unexpected();
  }
  return Statement(std::move(out));
}

} // namespace pier::lake::sql

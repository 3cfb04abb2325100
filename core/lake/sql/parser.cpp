#include "core/lake/sql/parser.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {
namespace {

constexpr std::array<std::string_view, 51> k_reserved{
    "ALL",       "AND",   "ANTI",   "AS",          "BETWEEN", "BY",    "CASE",    "CROSS",   "DISTINCT",
    "ELSE",      "END",   "EXCEPT", "FROM",        "FULL",    "GROUP", "HAVING",  "IN",      "INNER",
    "INTERSECT", "INTO",  "IS",     "JOIN",        "LATERAL", "LEFT",  "LIKE",    "LIMIT",   "MINUS",
    "NATURAL",   "NOT",   "OFFSET", "ON",          "OR",      "ORDER", "PIVOT",   "QUALIFY", "RIGHT",
    "SELECT",    "SEMI",  "SET",    "TABLESAMPLE", "THEN",    "UNION", "UNPIVOT", "USING",   "VALUES",
    "WHEN",      "WHERE", "WINDOW", "WITH",        "ILIKE",   "RLIKE"};

} // namespace

bool is_reserved(std::string_view upper) {
  return std::find(k_reserved.begin(), k_reserved.end(), upper) != k_reserved.end();
}

ExpressionPtr Parser::make(ExpressionKind kind) const {
  return make(kind, peek().begin);
}

ExpressionPtr Parser::make(ExpressionKind kind, std::size_t at) const {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->at = at;
  return expression;
}

bool Parser::eat(std::string_view symbol) {
  if (!peek().is(symbol)) {
    return false;
  }
  ++at_;
  return true;
}

bool Parser::eat_word(std::string_view keyword) {
  if (!peek().is_word(keyword)) {
    return false;
  }
  ++at_;
  return true;
}

bool Parser::eat_words(std::initializer_list<std::string_view> keywords) {
  std::size_t ahead = 0;
  for (const auto keyword : keywords) {
    if (!peek(ahead++).is_word(keyword)) {
      return false;
    }
  }
  at_ += keywords.size();
  return true;
}

Result<void> Parser::expect(std::string_view symbol) {
  return eat(symbol) ? Result<void>() : unexpected();
}

Result<void> Parser::expect_word(std::string_view keyword) {
  return eat_word(keyword) ? Result<void>() : unexpected();
}

Result<void> Parser::expect_end() {
  while (eat(";")) {
  }
  return peek().kind == TokenKind::end ? Result<void>() : unexpected();
}

Error Parser::unexpected() const {
  const auto& token = peek();
  const auto what = token.kind == TokenKind::end ? std::string("end of input")
                                                 : "'" + std::string(source(token.begin, token.finish)) + "'";
  return syntax_error(sql_, token.begin, "Syntax error at or near " + what);
}

Error Parser::refuse(std::string_view what) const {
  return Error{.kind = ErrorKind::unsupported,
               .code = "UNSUPPORTED_FEATURE",
               .message = std::string(what) + " is not offered by the local workspace"};
}

Result<std::string> Parser::name() {
  const auto& token = peek();
  if (token.kind == TokenKind::quoted_name || (token.kind == TokenKind::word && !is_reserved(token.upper))) {
    return take().text;
  }
  return unexpected();
}

Result<NameParts> Parser::qualified_name() {
  NameParts parts;
  do {
    // After a dot any word is a name.
    if (!parts.empty() && peek().kind == TokenKind::word) {
      parts.push_back(take().text);
      continue;
    }
    PIER_TRY_ASSIGN(auto part, name());
    parts.push_back(std::move(part));
  } while (eat("."));
  return parts;
}

Result<std::vector<std::string>> Parser::name_list() {
  std::vector<std::string> names;
  PIER_TRY(expect("("));
  do {
    PIER_TRY_ASSIGN(auto one, name());
    names.push_back(std::move(one));
  } while (eat(","));
  PIER_TRY(expect(")"));
  return names;
}

Result<std::vector<ExpressionPtr>> Parser::expression_list() {
  std::vector<ExpressionPtr> list;
  do {
    PIER_TRY_ASSIGN(auto item, expression());
    list.push_back(std::move(item));
  } while (eat(","));
  return list;
}

/// The text of a type goes to DataType::parse: balanced brackets, up to what cannot belong to it.
Result<DataType> Parser::data_type() {
  const auto begin = peek().begin;
  auto finish = begin;
  int angle = 0;
  do {
    if (peek().kind != TokenKind::word) {
      return unexpected();
    }
    do {
      const auto& token = peek();
      if (token.is("<")) {
        ++angle;
      } else if (token.is(">")) {
        --angle;
      } else if (token.is(">>")) {
        angle -= 2;
      } else if (token.is(">>>")) {
        angle -= 3;
      } else if (token.is("(")) {
        while (!peek().is(")") && peek().kind != TokenKind::end) {
          ++at_;
        }
      }
      finish = take().finish;
    } while ((angle > 0 || peek().is("<") || peek().is("(")) && peek().kind != TokenKind::end);
  } while (false);
  return DataType::parse(source(begin, finish));
}

Result<std::string> Parser::optional_alias() {
  if (eat_word("AS")) {
    if (peek().kind == TokenKind::text) {
      return unexpected();
    }
    if (peek().kind == TokenKind::word || peek().kind == TokenKind::quoted_name) {
      return take().text;
    }
    return unexpected();
  }
  const auto& token = peek();
  if (token.kind == TokenKind::quoted_name || (token.kind == TokenKind::word && !is_reserved(token.upper))) {
    return take().text;
  }
  return std::string();
}

Result<ValueRows> Parser::value_rows() {
  ValueRows rows;
  do {
    std::vector<ExpressionPtr> row;
    if (eat("(")) {
      PIER_TRY_ASSIGN(row, expression_list());
      PIER_TRY(expect(")"));
    } else {
      PIER_TRY_ASSIGN(auto value, expression());
      row.push_back(std::move(value));
    }
    rows.push_back(std::move(row));
  } while (eat(","));
  return rows;
}

bool Parser::at_query() const {
  std::size_t ahead = 0;
  while (peek(ahead).is("(")) {
    ++ahead;
  }
  const auto& token = peek(ahead);
  return token.is_word("SELECT") || token.is_word("WITH") || token.is_word("VALUES") || token.is_word("FROM") ||
         (token.is_word("TABLE") && ahead == 0);
}

} // namespace pier::lake::sql

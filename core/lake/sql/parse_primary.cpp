#include "core/base/text.hpp"
#include "core/lake/sql/parser.hpp"
#include "core/lake/sql/parser_depth.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {
namespace {

constexpr std::array<std::string_view, 18> k_units{
    "YEAR",  "YEARS",  "MONTH",   "MONTHS", "WEEK",    "WEEKS",       "DAY",          "DAYS",        "HOUR",
    "HOURS", "MINUTE", "MINUTES", "SECOND", "SECONDS", "MILLISECOND", "MILLISECONDS", "MICROSECOND", "MICROSECONDS"};

bool is_unit(const Token& token) {
  return token.kind == TokenKind::word && std::find(k_units.begin(), k_units.end(), token.upper) != k_units.end();
}

} // namespace

Result<ExpressionPtr> Parser::primary() {
  const auto& token = peek();
  switch (token.kind) {
  case TokenKind::number: {
    auto out = make(ExpressionKind::number);
    out->text = take().text;
    return out;
  }
  case TokenKind::text: {
    auto out = make(ExpressionKind::text);
    while (peek().kind == TokenKind::text) { // adjacent texts are one
      out->text += take().text;
    }
    return out;
  }
  case TokenKind::quoted_name:
  case TokenKind::word: return word_primary();
  default: break;
  }
  if (token.is("(")) {
    return parenthesized();
  }
  if (token.is("*")) {
    const auto at = take().begin;
    return star({}, at);
  }
  if (token.is(":") && (peek(1).kind == TokenKind::word || peek(1).kind == TokenKind::quoted_name)) {
    auto out = make(ExpressionKind::parameter);
    ++at_;
    out->text = take().text;
    return out;
  }
  if (token.is("?")) {
    return refuse("the unnamed parameter marker '?'");
  }
  return unexpected();
}

Result<ExpressionPtr> Parser::parenthesized() {
  const auto at = peek().begin;
  ++at_;
  if (const auto mark = at_; at_query() && !not_query_.contains(mark)) {
    // "((SELECT 1) + 2)": parse as a query only if that reaches the closing bracket.
    if (auto inner = query(); inner && peek().is(")")) {
      ++at_;
      auto out = make(ExpressionKind::query, at);
      out->query = *std::move(inner);
      return out;
    } else if (!inner && !tokens_[mark].is("(")) {
      return std::move(inner).error();
    }
    not_query_.insert(mark);
    at_ = mark;
  }
  PIER_TRY_ASSIGN(auto list, expression_list());
  PIER_TRY(expect(")"));
  if (eat("->")) {
    auto out = make(ExpressionKind::lambda, at);
    for (const auto& parameter : list) {
      if (parameter->kind != ExpressionKind::column || parameter->name.size() != 1) {
        return unexpected();
      }
      out->name.push_back(parameter->name[0]);
    }
    PIER_TRY_ASSIGN(auto body, expression());
    out->arguments.push_back(std::move(body));
    return out;
  }
  if (list.size() == 1) {
    return std::move(list[0]);
  }
  auto out = make(ExpressionKind::tuple, at);
  out->arguments = std::move(list);
  return out;
}

Result<ExpressionPtr> Parser::word_primary() {
  const auto& token = peek();
  const auto at = token.begin;
  if (token.kind == TokenKind::word) {
    if (token.upper == "CASE") {
      return case_expression();
    }
    if (token.upper == "NULL" || token.upper == "TRUE" || token.upper == "FALSE") {
      auto out = make(token.upper == "NULL" ? ExpressionKind::null : ExpressionKind::boolean);
      out->text = take().upper;
      return out;
    }
    const bool before_text = peek(1).kind == TokenKind::text;
    if (before_text && (token.upper == "DATE" || token.upper == "TIMESTAMP" || token.upper == "TIMESTAMP_NTZ" ||
                        token.upper == "TIMESTAMP_LTZ" || token.upper == "X")) {
      auto out = make(ExpressionKind::typed);
      out->text = take().upper;
      out->name.push_back(take().text);
      return out;
    }
    if (token.upper == "INTERVAL" && !peek(1).is(".") && peek(1).kind != TokenKind::end && !peek(1).is(",") &&
        !peek(1).is(")")) {
      return interval_expression();
    }
    if (token.upper == "EXISTS" && peek(1).is("(")) {
      auto out = make(ExpressionKind::exists);
      at_ += 2;
      PIER_TRY_ASSIGN(out->query, query());
      PIER_TRY(expect(")"));
      return out;
    }
    if (peek(1).is("(")) {
      PIER_TRY_ASSIGN(auto special, special_call(token.upper));
      if (special) {
        return special;
      }
    }
    if (peek(1).is("->")) {
      auto out = make(ExpressionKind::lambda);
      out->name.push_back(take().text);
      ++at_;
      PIER_TRY_ASSIGN(auto body, expression());
      out->arguments.push_back(std::move(body));
      return out;
    }
  }
  NameParts parts;
  const bool is_function_word = peek(1).is("(") && (token.is_word("LEFT") || token.is_word("RIGHT"));
  if (is_function_word) {
    parts.push_back(take().text);
  } else {
    PIER_TRY_ASSIGN(auto first, name());
    parts.push_back(std::move(first));
  }
  while (peek().is(".")) {
    ++at_;
    if (peek().is("*")) {
      ++at_;
      return star(std::move(parts), at);
    }
    if (peek().kind != TokenKind::word && peek().kind != TokenKind::quoted_name) {
      return unexpected();
    }
    parts.push_back(take().text);
  }
  if (peek().is("(")) {
    return call(std::move(parts), at);
  }
  auto out = make(ExpressionKind::column, at);
  out->name = std::move(parts);
  return out;
}

Result<ExpressionPtr> Parser::star(NameParts qualifier, std::size_t at) {
  auto out = make(ExpressionKind::star, at);
  out->name = std::move(qualifier);
  if (peek().is_word("EXCEPT") && peek(1).is("(") && !peek(2).is_word("SELECT")) {
    ++at_;
    PIER_TRY_ASSIGN(const auto names, name_list());
    for (const auto& one : names) {
      auto column = make(ExpressionKind::column, at);
      column->name.push_back(one);
      out->arguments.push_back(std::move(column));
    }
  }
  return out;
}

Result<ExpressionPtr> Parser::case_expression() {
  auto out = make(ExpressionKind::case_when);
  ++at_;
  if (!peek().is_word("WHEN")) {
    PIER_TRY_ASSIGN(auto operand, expression());
    out->arguments.push_back(std::move(operand));
    out->has_operand = true;
  }
  while (eat_word("WHEN")) {
    PIER_TRY_ASSIGN(auto condition, expression());
    PIER_TRY(expect_word("THEN"));
    PIER_TRY_ASSIGN(auto value, expression());
    out->arguments.push_back(std::move(condition));
    out->arguments.push_back(std::move(value));
  }
  if (out->arguments.size() < 2) {
    return unexpected();
  }
  if (eat_word("ELSE")) {
    PIER_TRY_ASSIGN(auto value, expression());
    out->arguments.push_back(std::move(value));
    out->has_else = true;
  }
  PIER_TRY(expect_word("END"));
  return out;
}

Result<ExpressionPtr> Parser::cast_expression(bool is_try) {
  auto out = make(ExpressionKind::cast);
  at_ += 2;
  PIER_TRY_ASSIGN(auto value, expression());
  PIER_TRY(expect_word("AS"));
  PIER_TRY_ASSIGN(out->type, data_type());
  PIER_TRY(expect(")"));
  out->arguments.push_back(std::move(value));
  out->flag = is_try;
  return out;
}

/// INTERVAL 3 DAYS 2 HOURS, INTERVAL '3' DAY, INTERVAL '3 days 2 hours'
Result<ExpressionPtr> Parser::interval_expression() {
  auto out = make(ExpressionKind::interval);
  ++at_;
  if (peek().kind == TokenKind::text && !is_unit(peek(1))) {
    const auto text = take().text;
    PIER_TRY_ASSIGN(auto tokens, tokenize(text));
    Parser inner(text, std::move(tokens));
    while (inner.peek().kind != TokenKind::end) {
      PIER_TRY_ASSIGN(auto amount, inner.unary());
      if (amount->kind != ExpressionKind::number &&
          !(amount->kind == ExpressionKind::unary && amount->arguments[0]->kind == ExpressionKind::number)) {
        return refuse("this form of interval literal");
      }
      if (!is_unit(inner.peek())) {
        return refuse("this form of interval literal");
      }
      out->arguments.push_back(std::move(amount));
      out->name.push_back(inner.take().upper);
    }
    return out->arguments.empty() ? Result<ExpressionPtr>(unexpected()) : Result<ExpressionPtr>(std::move(out));
  }
  do {
    PIER_TRY_ASSIGN(auto amount, unary());
    if (!is_unit(peek())) {
      return unexpected();
    }
    out->arguments.push_back(std::move(amount));
    out->name.push_back(take().upper);
    if (peek().is_word("TO")) {
      return refuse("an interval with two units");
    }
  } while ((peek().kind == TokenKind::number || peek().kind == TokenKind::text) && is_unit(peek(1)));
  return out;
}

} // namespace pier::lake::sql

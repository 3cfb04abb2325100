#include "core/base/text.hpp"
#include "core/lake/sql/parser.hpp"
#include "core/lake/sql/parser_depth.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {
namespace {

/// Binary operators from weak to strong (Spark's SqlBaseParser.g4: valueExpression).
constexpr std::array<std::array<std::string_view, 4>, 6> k_levels{{
    {"|", "", "", ""},
    {"^", "", "", ""},
    {"&", "", "", ""},
    {"<<", ">>", ">>>", ""},
    {"+", "-", "||", ""},
    {"*", "/", "%", "DIV"},
}};

std::string operator_at(const Token& token, std::size_t level) {
  for (const auto symbol : k_levels[level]) {
    if (!symbol.empty() && (token.is(symbol) || token.is_word(symbol))) {
      return std::string(symbol);
    }
  }
  return {};
}

} // namespace

Result<ExpressionPtr> Parser::expression() {
  const Depth depth(*this);
  PIER_TRY(depth.check());
  return disjunction();
}

Result<ExpressionPtr> Parser::disjunction() {
  PIER_TRY_ASSIGN(auto first, conjunction());
  if (!peek().is_word("OR")) {
    return first;
  }
  const auto at = first->at;
  auto out = combine(ExpressionKind::binary, "OR", at, std::move(first), nullptr);
  while (eat_word("OR")) {
    PIER_TRY_ASSIGN(auto next, conjunction());
    out->arguments.push_back(std::move(next));
  }
  return out;
}

Result<ExpressionPtr> Parser::conjunction() {
  PIER_TRY_ASSIGN(auto first, negation());
  if (!peek().is_word("AND")) {
    return first;
  }
  const auto at = first->at;
  auto out = combine(ExpressionKind::binary, "AND", at, std::move(first), nullptr);
  while (eat_word("AND")) {
    PIER_TRY_ASSIGN(auto next, negation());
    out->arguments.push_back(std::move(next));
  }
  return out;
}

Result<ExpressionPtr> Parser::negation() {
  const auto at = peek().begin;
  if (eat_word("NOT") || eat("!")) {
    const Depth depth(*this);
    PIER_TRY(depth.check());
    PIER_TRY_ASSIGN(auto inner, negation());
    return combine(ExpressionKind::unary, "NOT", at, std::move(inner), nullptr);
  }
  return comparison();
}

Result<ExpressionPtr> Parser::comparison() {
  PIER_TRY_ASSIGN(auto left, binary_level(0));
  constexpr std::array<std::string_view, 9> k_comparisons{"=", "==", "<=>", "<>", "!=", "<", "<=", ">", ">="};
  bool more = true;
  for (std::size_t count = 0; more; ++count) {
    if (count > k_max_chain) {
      return unexpected();
    }
    const auto& token = peek();
    const bool compares = token.kind == TokenKind::symbol &&
                          std::find(k_comparisons.begin(), k_comparisons.end(), token.text) != k_comparisons.end();
    if (compares) {
      auto text = take().text;
      PIER_TRY_ASSIGN(auto right, binary_level(0));
      const auto at = left->at;
      left = combine(ExpressionKind::binary,
                     text == "=="   ? "="
                     : text == "!=" ? "<>"
                                    : text,
                     at, std::move(left), std::move(right));
      continue;
    }
    PIER_TRY_ASSIGN(left, predicate_suffix(std::move(left), more));
  }
  return left;
}

/// [NOT] IN, BETWEEN, LIKE …, IS …
Result<ExpressionPtr> Parser::predicate_suffix(ExpressionPtr value, bool& more) {
  const bool negated = peek().is_word("NOT");
  const auto& token = peek(negated ? 1 : 0);
  if (token.is_word("IN")) {
    at_ += negated ? 2 : 1;
    return in_suffix(std::move(value), negated);
  }
  if (token.is_word("BETWEEN")) {
    at_ += negated ? 2 : 1;
    const auto at = value->at;
    PIER_TRY_ASSIGN(auto low, binary_level(0));
    PIER_TRY(expect_word("AND"));
    PIER_TRY_ASSIGN(auto high, binary_level(0));
    auto out = combine(ExpressionKind::between, "", at, std::move(value), std::move(low));
    out->arguments.push_back(std::move(high));
    out->flag = negated;
    return out;
  }
  if (token.is_word("LIKE") || token.is_word("ILIKE") || token.is_word("RLIKE") || token.is_word("REGEXP")) {
    at_ += negated ? 1 : 0;
    return like_suffix(std::move(value), negated);
  }
  if (token.is_word("IS") && !negated) {
    ++at_;
    return is_suffix(std::move(value));
  }
  more = false;
  return value;
}

Result<ExpressionPtr> Parser::in_suffix(ExpressionPtr value, bool negated) {
  PIER_TRY(expect("("));
  const auto at = value->at;
  const bool is_query = at_query() && !peek().is("(");
  auto out = combine(is_query ? ExpressionKind::in_query : ExpressionKind::in_list, "", at, std::move(value), nullptr);
  out->flag = negated;
  if (is_query) {
    PIER_TRY_ASSIGN(out->query, query());
  } else {
    PIER_TRY_ASSIGN(auto list, expression_list());
    std::move(list.begin(), list.end(), std::back_inserter(out->arguments));
  }
  PIER_TRY(expect(")"));
  return out;
}

Result<ExpressionPtr> Parser::like_suffix(ExpressionPtr value, bool negated) {
  auto text = take().upper;
  if (peek().is_word("ANY") || peek().is_word("ALL") || peek().is_word("SOME")) {
    return refuse(text + " " + peek().upper);
  }
  const auto at = value->at;
  PIER_TRY_ASSIGN(auto pattern, binary_level(0));
  auto out = combine(ExpressionKind::like, text == "REGEXP" ? "RLIKE" : text, at, std::move(value), std::move(pattern));
  out->flag = negated;
  if (eat_word("ESCAPE")) {
    PIER_TRY_ASSIGN(auto escape, primary());
    out->arguments.push_back(std::move(escape));
  }
  return out;
}

Result<ExpressionPtr> Parser::is_suffix(ExpressionPtr value) {
  const bool negated = eat_word("NOT");
  const auto at = value->at;
  if (eat_words({"DISTINCT", "FROM"})) {
    PIER_TRY_ASSIGN(auto right, binary_level(0));
    auto out = combine(ExpressionKind::is_distinct, "", at, std::move(value), std::move(right));
    out->flag = negated;
    return out;
  }
  for (const auto* what : {"NULL", "TRUE", "FALSE", "UNKNOWN"}) {
    if (eat_word(what)) {
      auto out =
          combine(ExpressionKind::is, std::string(what) == "UNKNOWN" ? "NULL" : what, at, std::move(value), nullptr);
      out->flag = negated;
      return out;
    }
  }
  return unexpected();
}

Result<ExpressionPtr> Parser::binary_level(std::size_t level) {
  if (level == k_levels.size()) {
    return unary();
  }
  PIER_TRY_ASSIGN(auto left, binary_level(level + 1));
  for (std::size_t count = 0;; ++count) {
    auto text = operator_at(peek(), level);
    if (text.empty()) {
      return left;
    }
    if (count > k_max_chain) {
      return syntax_error(sql_, peek().begin, "The expression is too long");
    }
    ++at_;
    PIER_TRY_ASSIGN(auto right, binary_level(level + 1));
    const auto at = left->at;
    left = combine(ExpressionKind::binary, std::move(text), at, std::move(left), std::move(right));
  }
}

Result<ExpressionPtr> Parser::unary() {
  const auto at = peek().begin;
  for (const auto* symbol : {"-", "+", "~"}) {
    if (eat(symbol)) {
      const Depth depth(*this);
      PIER_TRY(depth.check());
      PIER_TRY_ASSIGN(auto inner, unary());
      return combine(ExpressionKind::unary, symbol, at, std::move(inner), nullptr);
    }
  }
  return postfix();
}

Result<ExpressionPtr> Parser::postfix() {
  PIER_TRY_ASSIGN(auto value, primary());
  for (std::size_t count = 0; count <= k_max_chain; ++count) {
    const auto at = value->at;
    if (eat("[")) {
      PIER_TRY_ASSIGN(auto index, expression());
      PIER_TRY(expect("]"));
      value = combine(ExpressionKind::subscript, "", at, std::move(value), std::move(index));
    } else if (peek().is(".") && value->kind != ExpressionKind::star) {
      ++at_;
      PIER_TRY_ASSIGN(auto member, name());
      value = combine(ExpressionKind::member, std::move(member), at, std::move(value), nullptr);
    } else if (eat("::")) {
      PIER_TRY_ASSIGN(auto type, data_type());
      value = combine(ExpressionKind::cast, "", at, std::move(value), nullptr);
      value->type = std::move(type);
    } else if (peek().is(":") && at_ > 0 && tokens_[at_ - 1].finish == peek().begin &&
               peek(1).kind == TokenKind::word && value->kind == ExpressionKind::column) {
      return refuse("the JSON path operator ':' (use get_json_object)");
    } else {
      return value;
    }
  }
  return syntax_error(sql_, peek().begin, "The expression is too long");
}

} // namespace pier::lake::sql

#pragma once

#include "core/base/result.hpp"
#include "core/lake/sql/ast.hpp"
#include "core/lake/sql/lexer.hpp"

#include <initializer_list>
#include <set>
#include <string_view>
#include <vector>

namespace pier::lake::sql {

/// Walks over the tokens of one statement; recursive descent for expressions and queries. Bounded depth.
class Parser {
 public:
  Parser(std::string_view sql, std::vector<Token> tokens)
      : sql_(sql),
        tokens_(std::move(tokens)) {}

  Result<ExpressionPtr> expression();
  Result<QueryPtr> query();
  Result<NameParts> qualified_name();
  Result<std::string> name(); ///< one part: a word that is not reserved, or a quoted name
  Result<DataType> data_type();
  Result<std::vector<ExpressionPtr>> expression_list();
  Result<std::vector<std::string>> name_list(); ///< (a, b)
  Result<ValueRows> value_rows();
  Result<FromItem> table_reference(); ///< name, version and alias; no joins
  Result<std::string> optional_alias();

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }

  const Token& take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }

  bool eat(std::string_view symbol);
  bool eat_word(std::string_view keyword);
  bool eat_words(std::initializer_list<std::string_view> keywords); ///< all or nothing
  Result<void> expect(std::string_view symbol);
  Result<void> expect_word(std::string_view keyword);
  Result<void> expect_end();
  [[nodiscard]] Error unexpected() const;                  ///< syntax error at the current token
  [[nodiscard]] Error refuse(std::string_view what) const; ///< UNSUPPORTED_FEATURE by name

  [[nodiscard]] bool at_query() const; ///< SELECT, WITH, VALUES, FROM, ( …

  [[nodiscard]] std::string_view source(std::size_t begin, std::size_t finish) const {
    return sql_.substr(begin, finish - begin);
  }

 private:
  /// Counts nesting while it lives.
  class Depth;

  Result<ExpressionPtr> disjunction();
  Result<ExpressionPtr> conjunction();
  Result<ExpressionPtr> negation();
  Result<ExpressionPtr> comparison();
  Result<ExpressionPtr> predicate_suffix(ExpressionPtr value, bool& more);
  Result<ExpressionPtr> in_suffix(ExpressionPtr value, bool negated);
  Result<ExpressionPtr> like_suffix(ExpressionPtr value, bool negated);
  Result<ExpressionPtr> is_suffix(ExpressionPtr value);
  Result<ExpressionPtr> binary_level(std::size_t level);
  Result<ExpressionPtr> unary();
  Result<ExpressionPtr> postfix();
  Result<ExpressionPtr> primary();
  Result<ExpressionPtr> parenthesized();
  Result<ExpressionPtr> word_primary();
  Result<ExpressionPtr> case_expression();
  Result<ExpressionPtr> cast_expression(bool is_try);
  Result<ExpressionPtr> interval_expression();
  Result<ExpressionPtr> special_call(std::string_view function);
  Result<ExpressionPtr> call(NameParts parts, std::size_t at);
  Result<void> call_arguments(Expression& call);
  Result<void> call_suffix(Expression& call);
  Result<ExpressionPtr> star(NameParts qualifier, std::size_t at);
  Result<std::unique_ptr<Window>> window();
  Result<void> window_frame(Window& window);
  Result<std::string> frame_bound(ExpressionPtr& value);
  Result<std::vector<OrderItem>> order_items();

  Result<QueryPtr> query_body(int precedence);
  Result<QueryPtr> query_primary();
  Result<void> with_clause(Query& query);
  Result<void> tail(Query& query);
  Result<Select> select();
  Result<void> select_items(Select& select);
  Result<void> group_by(Select& select);
  Result<void> named_windows(Select& select);
  Result<FromItem> from_item();
  Result<FromItem> from_primary();
  Result<FromItem> named_source();
  Result<void> table_version(FromItem& item);
  Result<void> table_alias(FromItem& item);
  Result<bool> join_kind(FromItem& join);
  Result<LateralView> lateral_view();

  [[nodiscard]] ExpressionPtr make(ExpressionKind kind) const;
  [[nodiscard]] ExpressionPtr make(ExpressionKind kind, std::size_t at) const;

  std::string_view sql_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::set<std::size_t> not_query_; ///< tokens where no bracketed query begins: keeps backtracking linear
};

/// Words that end an expression or a table where an alias might stand.
bool is_reserved(std::string_view upper);

} // namespace pier::lake::sql

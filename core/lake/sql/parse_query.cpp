#include "core/base/text.hpp"
#include "core/lake/sql/parser.hpp"
#include "core/lake/sql/parser_depth.hpp"

namespace pier::lake::sql {
namespace {

/// UNION and EXCEPT bind alike, INTERSECT stronger.
int precedence_of(const Token& token) {
  if (token.is_word("INTERSECT")) {
    return 2;
  }
  return token.is_word("UNION") || token.is_word("EXCEPT") || token.is_word("MINUS") ? 1 : 0;
}

} // namespace

Result<QueryPtr> Parser::query() {
  const Depth depth(*this);
  PIER_TRY(depth.check());
  auto out = std::make_unique<Query>();
  PIER_TRY(with_clause(*out));
  PIER_TRY_ASSIGN(auto body, query_body(1));
  if (out->ctes.empty() && body->order.empty() && !body->order_all && !body->limit && !body->offset) {
    out = std::move(body);
  } else if (body->ctes.empty() && body->order.empty() && !body->order_all && !body->limit && !body->offset) {
    out->body = std::move(body->body);
  } else {
    out->body = std::move(body);
  }
  PIER_TRY(tail(*out));
  return out;
}

Result<void> Parser::with_clause(Query& query) {
  if (!eat_word("WITH")) {
    return {};
  }
  query.recursive = eat_word("RECURSIVE");
  do {
    Cte cte;
    PIER_TRY_ASSIGN(cte.name, name());
    if (peek().is("(")) {
      PIER_TRY_ASSIGN(cte.columns, name_list());
    }
    eat_word("AS");
    PIER_TRY(expect("("));
    PIER_TRY_ASSIGN(cte.query, this->query());
    PIER_TRY(expect(")"));
    query.ctes.push_back(std::move(cte));
  } while (eat(","));
  return {};
}

Result<QueryPtr> Parser::query_body(int precedence) {
  PIER_TRY_ASSIGN(auto left, query_primary());
  for (std::size_t count = 0;; ++count) {
    const int found = precedence_of(peek());
    if (found < precedence || found == 0) {
      return left;
    }
    if (count > k_max_chain) {
      return syntax_error(sql_, peek().begin, "The query is too long");
    }
    SetOperation operation{.name = take().upper};
    if (operation.name == "MINUS") {
      operation.name = "EXCEPT";
    }
    operation.all = eat_word("ALL");
    if (!operation.all) {
      eat_word("DISTINCT");
    }
    if (peek().is_word("BY") && peek(1).is_word("NAME")) {
      return refuse("UNION BY NAME");
    }
    PIER_TRY_ASSIGN(operation.right, query_body(found + 1));
    operation.left = std::move(left);
    left = std::make_unique<Query>();
    left->body = std::move(operation);
  }
}

Result<QueryPtr> Parser::query_primary() {
  auto out = std::make_unique<Query>();
  if (peek().is("(")) {
    const auto mark = at_ + 1;
    if (not_query_.contains(mark)) {
      return unexpected();
    }
    ++at_;
    auto inner = query();
    if (!inner || !peek().is(")")) {
      not_query_.insert(mark);
      return inner ? Result<QueryPtr>(unexpected()) : std::move(inner);
    }
    ++at_;
    out->body = *std::move(inner);
    return out;
  }
  if (eat_word("VALUES")) {
    PIER_TRY_ASSIGN(out->body, value_rows());
    return out;
  }
  if (eat_word("TABLE")) {
    Select all;
    FromItem item{.at = peek().begin};
    PIER_TRY_ASSIGN(item.name, qualified_name());
    all.from.push_back(std::move(item));
    all.items.push_back({.value = make(ExpressionKind::star)});
    out->body = std::move(all);
    return out;
  }
  if (peek().is_word("FROM")) {
    return refuse("a query that begins with FROM");
  }
  PIER_TRY_ASSIGN(out->body, select());
  return out;
}

/// ORDER BY, LIMIT, OFFSET of a whole query.
Result<void> Parser::tail(Query& query) {
  if (peek().is_word("SORT") || peek().is_word("CLUSTER") || peek().is_word("DISTRIBUTE")) {
    return refuse(peek().upper + " BY in a query");
  }
  if (eat_words({"ORDER", "BY"})) {
    if (peek().is_word("ALL") && peek(1).kind != TokenKind::symbol) {
      ++at_;
      query.order_all = true;
      if (eat_word("DESC")) {
        return refuse("ORDER BY ALL DESC");
      }
      eat_word("ASC");
    } else {
      PIER_TRY_ASSIGN(query.order, order_items());
    }
  }
  if (eat_word("LIMIT") && !eat_word("ALL")) {
    PIER_TRY_ASSIGN(query.limit, expression());
  }
  if (eat_word("OFFSET")) {
    PIER_TRY_ASSIGN(query.offset, expression());
  }
  return {};
}

Result<Select> Parser::select() {
  Select out;
  PIER_TRY(expect_word("SELECT"));
  if (eat_word("DISTINCT")) {
    out.distinct = true;
  } else {
    eat_word("ALL");
  }
  PIER_TRY(select_items(out));
  if (eat_word("FROM")) {
    do {
      PIER_TRY_ASSIGN(auto item, from_item());
      out.from.push_back(std::move(item));
    } while (eat(","));
  }
  while (peek().is_word("LATERAL") && peek(1).is_word("VIEW")) {
    PIER_TRY_ASSIGN(auto view, lateral_view());
    out.views.push_back(std::move(view));
  }
  if (peek().is_word("PIVOT") || peek().is_word("UNPIVOT") || peek().is_word("TABLESAMPLE")) {
    return refuse(peek().upper);
  }
  if (eat_word("WHERE")) {
    PIER_TRY_ASSIGN(out.where, expression());
  }
  if (eat_words({"GROUP", "BY"})) {
    PIER_TRY(group_by(out));
  }
  if (eat_word("HAVING")) {
    PIER_TRY_ASSIGN(out.having, expression());
  }
  if (eat_word("QUALIFY")) {
    PIER_TRY_ASSIGN(out.qualify, expression());
  }
  if (eat_word("WINDOW")) {
    PIER_TRY(named_windows(out));
  }
  return out;
}

Result<void> Parser::select_items(Select& select) {
  do {
    SelectItem item;
    PIER_TRY_ASSIGN(item.value, expression());
    if (peek().is_word("AS") && peek(1).is("(")) {
      return refuse("an alias with several names");
    }
    PIER_TRY_ASSIGN(item.alias, optional_alias());
    select.items.push_back(std::move(item));
  } while (eat(","));
  return {};
}

Result<void> Parser::named_windows(Select& select) {
  do {
    PIER_TRY_ASSIGN(auto label, name());
    PIER_TRY(expect_word("AS"));
    PIER_TRY(expect("("));
    PIER_TRY_ASSIGN(auto definition, window());
    PIER_TRY(expect(")"));
    select.windows.emplace_back(std::move(label), std::move(*definition));
  } while (eat(","));
  return {};
}

Result<void> Parser::group_by(Select& select) {
  if (eat_word("ALL")) {
    select.grouping = Grouping::all;
    return {};
  }
  select.grouping = Grouping::list;
  if (eat_words({"GROUPING", "SETS"})) {
    select.grouping = Grouping::sets;
    PIER_TRY(expect("("));
    do {
      std::vector<ExpressionPtr> set;
      if (!eat("(")) {
        PIER_TRY_ASSIGN(auto single, expression());
        set.push_back(std::move(single));
      } else if (!eat(")")) {
        PIER_TRY_ASSIGN(set, expression_list());
        PIER_TRY(expect(")"));
      }
      select.sets.push_back(std::move(set));
    } while (eat(","));
    return expect(")");
  }
  const bool rollup = peek().is_word("ROLLUP");
  if ((rollup || peek().is_word("CUBE")) && peek(1).is("(")) {
    at_ += 2;
    select.grouping = rollup ? Grouping::rollup : Grouping::cube;
    PIER_TRY_ASSIGN(select.group_by, expression_list());
    return expect(")");
  }
  PIER_TRY_ASSIGN(select.group_by, expression_list());
  if (eat_word("WITH")) {
    if (eat_word("ROLLUP")) {
      select.grouping = Grouping::rollup;
    } else if (eat_word("CUBE")) {
      select.grouping = Grouping::cube;
    } else {
      return unexpected();
    }
  }
  return {};
}

Result<LateralView> Parser::lateral_view() {
  LateralView out;
  at_ += 2;
  out.outer = eat_word("OUTER");
  PIER_TRY_ASSIGN(out.function, primary());
  if (out.function->kind != ExpressionKind::function) {
    return unexpected();
  }
  if (!peek().is_word("AS")) {
    PIER_TRY_ASSIGN(out.alias, name());
  }
  if (eat_word("AS")) {
    do {
      PIER_TRY_ASSIGN(auto column, name());
      out.columns.push_back(std::move(column));
    } while (eat(","));
  }
  return out;
}

} // namespace pier::lake::sql

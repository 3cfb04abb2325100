#include "core/base/text.hpp"
#include "core/lake/sql/parser.hpp"
#include "core/lake/sql/parser_depth.hpp"

namespace pier::lake::sql {

/// Calls with a grammar of their own; null when `function` is none of them.
Result<ExpressionPtr> Parser::special_call(std::string_view function) {
  const auto at = peek().begin;
  if (function == "CAST" || function == "TRY_CAST") {
    return cast_expression(function == "TRY_CAST");
  }
  if (function == "EXTRACT") {
    auto out = make(ExpressionKind::extract);
    at_ += 2;
    out->text = take().upper;
    PIER_TRY(expect_word("FROM"));
    PIER_TRY_ASSIGN(auto value, expression());
    PIER_TRY(expect(")"));
    out->arguments.push_back(std::move(value));
    return out;
  }
  if (function == "TRIM" && (peek(2).is_word("BOTH") || peek(2).is_word("LEADING") || peek(2).is_word("TRAILING"))) {
    at_ += 2;
    const auto side = take().upper;
    auto out = make(ExpressionKind::function, at);
    out->text = side == "BOTH" ? "btrim" : side == "LEADING" ? "ltrim_of" : "rtrim_of";
    ExpressionPtr characters;
    if (!eat_word("FROM")) {
      PIER_TRY_ASSIGN(characters, expression());
      PIER_TRY(expect_word("FROM"));
    }
    PIER_TRY_ASSIGN(auto value, expression());
    PIER_TRY(expect(")"));
    out->arguments.push_back(std::move(value));
    if (characters) {
      out->arguments.push_back(std::move(characters));
    }
    return out;
  }
  if (function == "POSITION") {
    auto out = make(ExpressionKind::function);
    at_ += 2;
    out->text = "locate";
    PIER_TRY_ASSIGN(auto needle, binary_level(0));
    out->arguments.push_back(std::move(needle));
    if (!eat_word("IN")) {
      PIER_TRY(expect(","));
    }
    PIER_TRY_ASSIGN(auto value, expression());
    out->arguments.push_back(std::move(value));
    PIER_TRY(expect(")"));
    return out;
  }
  return ExpressionPtr();
}

Result<ExpressionPtr> Parser::call(NameParts parts, std::size_t at) {
  if (parts.size() != 1) {
    return refuse("the user-defined function " + join(parts, "."));
  }
  auto out = make(ExpressionKind::function, at);
  out->text = to_lower(parts[0]);
  ++at_;
  PIER_TRY(call_arguments(*out));
  PIER_TRY(call_suffix(*out));
  return out;
}

Result<void> Parser::call_arguments(Expression& call) {
  if (eat_word("DISTINCT")) {
    call.distinct = true;
  } else {
    eat_word("ALL");
  }
  if (eat(")")) {
    return {};
  }
  do {
    std::string label;
    if (peek().kind == TokenKind::word && peek(1).is("=>")) {
      label = to_lower(take().text);
      ++at_;
    }
    PIER_TRY_ASSIGN(auto argument, expression());
    call.arguments.push_back(std::move(argument));
    call.argument_names.push_back(std::move(label));
    // substring(x FROM 2 FOR 3), overlay …
    if (call.text == "substring" || call.text == "substr") {
      if ((peek().is_word("FROM") || peek().is_word("FOR")) && call.arguments.size() < 3) {
        ++at_;
        PIER_TRY_ASSIGN(auto next, expression());
        call.arguments.push_back(std::move(next));
        call.argument_names.emplace_back();
        if (eat_word("FOR")) {
          PIER_TRY_ASSIGN(auto length, expression());
          call.arguments.push_back(std::move(length));
          call.argument_names.emplace_back();
        }
      }
    }
  } while (eat(","));
  if (eat_words({"IGNORE", "NULLS"})) {
    call.ignore_nulls = true;
  } else {
    eat_words({"RESPECT", "NULLS"});
  }
  return expect(")");
}

Result<void> Parser::call_suffix(Expression& call) {
  if (eat_words({"WITHIN", "GROUP"})) {
    PIER_TRY(expect("("));
    PIER_TRY(expect_word("ORDER"));
    PIER_TRY(expect_word("BY"));
    PIER_TRY_ASSIGN(call.within, order_items());
    PIER_TRY(expect(")"));
  }
  if (peek().is_word("FILTER") && peek(1).is("(")) {
    at_ += 2;
    PIER_TRY(expect_word("WHERE"));
    PIER_TRY_ASSIGN(call.filter, expression());
    PIER_TRY(expect(")"));
  }
  if (eat_words({"IGNORE", "NULLS"})) {
    call.ignore_nulls = true;
  } else {
    eat_words({"RESPECT", "NULLS"});
  }
  if (eat_word("OVER")) {
    if (eat("(")) {
      PIER_TRY_ASSIGN(call.over, window());
      PIER_TRY(expect(")"));
    } else {
      call.over = std::make_unique<Window>();
      PIER_TRY_ASSIGN(call.over->base, name());
    }
  }
  return {};
}

Result<std::unique_ptr<Window>> Parser::window() {
  auto out = std::make_unique<Window>();
  if (peek().kind == TokenKind::word && !peek().is_word("PARTITION") && !peek().is_word("ORDER") &&
      !peek().is_word("ROWS") && !peek().is_word("RANGE") && !peek().is_word("DISTRIBUTE") && !peek().is_word("SORT")) {
    PIER_TRY_ASSIGN(out->base, name());
  }
  if (eat_word("PARTITION") || eat_word("DISTRIBUTE")) {
    PIER_TRY(expect_word("BY"));
    PIER_TRY_ASSIGN(out->partition, expression_list());
  }
  if (eat_word("ORDER") || eat_word("SORT")) {
    PIER_TRY(expect_word("BY"));
    PIER_TRY_ASSIGN(out->order, order_items());
  }
  if (peek().is_word("ROWS") || peek().is_word("RANGE")) {
    PIER_TRY(window_frame(*out));
  }
  return out;
}

Result<void> Parser::window_frame(Window& window) {
  window.frame_unit = take().upper;
  if (!eat_word("BETWEEN")) {
    PIER_TRY_ASSIGN(window.frame_from, frame_bound(window.from_value));
    window.frame_to = "CURRENT ROW";
    return {};
  }
  PIER_TRY_ASSIGN(window.frame_from, frame_bound(window.from_value));
  PIER_TRY(expect_word("AND"));
  PIER_TRY_ASSIGN(window.frame_to, frame_bound(window.to_value));
  return {};
}

Result<std::string> Parser::frame_bound(ExpressionPtr& value) {
  if (eat_words({"UNBOUNDED", "PRECEDING"})) {
    return std::string("UNBOUNDED PRECEDING");
  }
  if (eat_words({"UNBOUNDED", "FOLLOWING"})) {
    return std::string("UNBOUNDED FOLLOWING");
  }
  if (eat_words({"CURRENT", "ROW"})) {
    return std::string("CURRENT ROW");
  }
  PIER_TRY_ASSIGN(value, binary_level(0));
  if (peek().is_word("PRECEDING") || peek().is_word("FOLLOWING")) {
    return take().upper;
  }
  return unexpected();
}

Result<std::vector<OrderItem>> Parser::order_items() {
  std::vector<OrderItem> items;
  do {
    OrderItem item;
    PIER_TRY_ASSIGN(item.value, expression());
    if (eat_word("DESC")) {
      item.descending = true;
    } else {
      eat_word("ASC");
    }
    if (eat_word("NULLS")) {
      if (!peek().is_word("FIRST") && !peek().is_word("LAST")) {
        return unexpected();
      }
      item.nulls_first = take().upper == "FIRST";
    }
    items.push_back(std::move(item));
  } while (eat(","));
  return items;
}

} // namespace pier::lake::sql

#include "core/base/text.hpp"
#include "core/lake/sql/parser.hpp"
#include "core/lake/sql/parser_depth.hpp"

namespace pier::lake::sql {

Result<FromItem> Parser::from_item() {
  const Depth depth(*this);
  PIER_TRY(depth.check());
  PIER_TRY_ASSIGN(auto left, from_primary());
  for (std::size_t count = 0; count <= k_max_depth; ++count) {
    FromItem join{.kind = FromKind::join, .at = peek().begin};
    PIER_TRY_ASSIGN(const bool joins, join_kind(join));
    if (!joins) {
      return left;
    }
    PIER_TRY_ASSIGN(auto right, from_primary());
    join.left = std::make_unique<FromItem>(std::move(left));
    join.right = std::make_unique<FromItem>(std::move(right));
    if (eat_word("ON")) {
      PIER_TRY_ASSIGN(join.on, expression());
    } else if (eat_word("USING")) {
      PIER_TRY_ASSIGN(join.using_columns, name_list());
    } else if (join.join != JoinKind::cross && join.join != JoinKind::inner && !join.natural && !join.right->lateral) {
      return unexpected();
    }
    left = std::move(join);
  }
  return syntax_error(sql_, peek().begin, "The query has too many joins");
}

/// False when no join follows.
Result<bool> Parser::join_kind(FromItem& join) {
  join.natural = eat_word("NATURAL");
  if (eat_word("CROSS")) {
    join.join = JoinKind::cross;
  } else if (peek().is_word("LEFT") || peek().is_word("RIGHT") || peek().is_word("FULL")) {
    const auto side = take().upper;
    join.join = side == "LEFT" ? JoinKind::left : side == "RIGHT" ? JoinKind::right : JoinKind::full;
    if (side == "LEFT" && eat_word("SEMI")) {
      join.join = JoinKind::semi;
    } else if (side == "LEFT" && eat_word("ANTI")) {
      join.join = JoinKind::anti;
    } else {
      eat_word("OUTER");
    }
  } else if (eat_word("SEMI")) {
    join.join = JoinKind::semi;
  } else if (eat_word("ANTI")) {
    join.join = JoinKind::anti;
  } else if (eat_word("INNER")) {
    join.join = JoinKind::inner;
  } else if (!peek().is_word("JOIN")) {
    return join.natural ? Result<bool>(unexpected()) : Result<bool>(false);
  }
  PIER_TRY(expect_word("JOIN"));
  return true;
}

Result<FromItem> Parser::from_primary() {
  const bool lateral = peek().is_word("LATERAL") && !peek(1).is_word("VIEW") && eat_word("LATERAL");
  FromItem out{.at = peek().begin};
  if (peek().is("(")) {
    if (at_query() && !not_query_.contains(at_ + 1)) {
      const auto mark = ++at_;
      if (auto inner = query(); inner && peek().is(")")) {
        ++at_;
        out.kind = FromKind::query;
        out.query = *std::move(inner);
        out.lateral = lateral;
        PIER_TRY(table_alias(out));
        return out;
      } else if (!inner && !tokens_[mark].is("(")) {
        return std::move(inner).error();
      }
      not_query_.insert(mark);
      at_ = mark - 1;
    }
    ++at_;
    PIER_TRY_ASSIGN(out, from_item());
    PIER_TRY(expect(")"));
    if (out.alias.empty()) {
      PIER_TRY(table_alias(out));
    }
    return out;
  }
  if (eat_word("VALUES")) {
    out.kind = FromKind::values;
    PIER_TRY_ASSIGN(out.rows, value_rows());
    PIER_TRY(table_alias(out));
    return out;
  }
  PIER_TRY_ASSIGN(out, named_source());
  out.lateral = lateral;
  return out;
}

/// A table by name or path, or a call that gives rows.
Result<FromItem> Parser::named_source() {
  FromItem out{.at = peek().begin};
  if (peek().kind == TokenKind::text) {
    return unexpected();
  }
  if (peek().kind == TokenKind::word && peek(1).is("(") && !is_reserved(peek().upper)) {
    out.kind = FromKind::function;
    NameParts parts{take().text};
    PIER_TRY_ASSIGN(out.function, call(std::move(parts), out.at));
    PIER_TRY(table_alias(out));
    return out;
  }
  if (peek().is_word("STREAM")) {
    return refuse("STREAM");
  }
  return table_reference();
}

Result<FromItem> Parser::table_reference() {
  FromItem out{.at = peek().begin};
  PIER_TRY_ASSIGN(out.name, qualified_name());
  PIER_TRY(table_version(out));
  PIER_TRY(table_alias(out));
  return out;
}

Result<void> Parser::table_version(FromItem& item) {
  const std::size_t ahead = peek().is_word("FOR") ? 1 : 0;
  const bool by_time = peek(ahead).is_word("TIMESTAMP") || peek(ahead).is_word("SYSTEM_TIME");
  const bool by_version = peek(ahead).is_word("VERSION") || peek(ahead).is_word("SYSTEM_VERSION");
  if ((!by_time && !by_version) || !peek(ahead + 1).is_word("AS") || !peek(ahead + 2).is_word("OF")) {
    return {};
  }
  at_ += ahead + 3;
  if (by_time) {
    PIER_TRY_ASSIGN(item.version.timestamp, binary_level(0));
    return {};
  }
  std::int64_t version = 0;
  if ((peek().kind != TokenKind::number && peek().kind != TokenKind::text) || !parse_int64(peek().text, version)) {
    return unexpected();
  }
  ++at_;
  item.version.version = version;
  return {};
}

Result<void> Parser::table_alias(FromItem& item) {
  if (peek().is_word("TABLESAMPLE") || peek().is_word("PIVOT") || peek().is_word("UNPIVOT")) {
    return refuse(peek().upper);
  }
  PIER_TRY_ASSIGN(item.alias, optional_alias());
  if (!item.alias.empty() && peek().is("(")) {
    PIER_TRY_ASSIGN(item.column_aliases, name_list());
  }
  return {};
}

} // namespace pier::lake::sql

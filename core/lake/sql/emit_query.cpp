#include "core/base/text.hpp"
#include "core/lake/engine/engine.hpp"
#include "core/lake/sql/emitter.hpp"

#include <algorithm>

namespace pier::lake::sql {
namespace {

/// VALUES columns are called col1, col2 …
std::string value_columns(std::size_t count) {
  std::string out;
  for (std::size_t i = 1; i <= count; ++i) {
    out += (i == 1 ? "" : ", ") + ("col" + std::to_string(i));
  }
  return out;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    out += (out.empty() ? "" : ", ") + quote_identifier(name);
  }
  return out;
}

std::string_view join_text(JoinKind kind) {
  switch (kind) {
  case JoinKind::left: return " LEFT JOIN ";
  case JoinKind::right: return " RIGHT JOIN ";
  case JoinKind::full: return " FULL JOIN ";
  case JoinKind::cross: return " CROSS JOIN ";
  case JoinKind::semi: return " SEMI JOIN ";
  case JoinKind::anti: return " ANTI JOIN ";
  default: return " JOIN ";
  }
}

std::string alias_text(const FromItem& item, const std::string& fallback) {
  const auto& alias = item.alias.empty() ? fallback : item.alias;
  std::string out = " AS " + quote_identifier(alias);
  if (!item.column_aliases.empty()) {
    out += "(" + quoted_list(item.column_aliases) + ")";
  }
  return out;
}

} // namespace

void Emitter::push_relation(std::string alias, std::vector<Field> columns, NameParts full_name) {
  visible_.push_back({std::move(alias), std::move(columns), std::move(full_name)});
}

void Emitter::pop_relation() {
  visible_.pop_back();
}

Result<std::string> Emitter::query(const Query& query) {
  std::string out;
  ctes_.emplace_back();
  const auto finish = [&](Result<std::string> result) {
    ctes_.pop_back();
    return result;
  };
  for (const auto& cte : query.ctes) {
    if (query.recursive) {
      ctes_.back()[to_lower(cte.name)] = {};
    }
    auto inner = this->query(*cte.query);
    if (!inner) {
      return finish(std::move(inner));
    }
    ctes_.back()[to_lower(cte.name)] = renamed(output_, cte.columns);
    out += (out.empty() ? (query.recursive ? "WITH RECURSIVE " : "WITH ") : ", ") + quote_identifier(cte.name) +
           (cte.columns.empty() ? "" : "(" + quoted_list(cte.columns) + ")") + " AS (" + *inner + ")";
  }
  auto text = body(query);
  if (!text) {
    return finish(std::move(text));
  }
  out += (out.empty() ? "" : " ") + *text;
  return finish(std::move(out));
}

/// The query without its WITH clause; ORDER BY sees the columns of its own SELECT.
Result<std::string> Emitter::body(const Query& query) {
  const auto mark = visible_.size();
  std::string out;
  if (const auto* plain = std::get_if<Select>(&query.body)) {
    PIER_TRY_ASSIGN(out, select(*plain));
  } else if (const auto* operation = std::get_if<SetOperation>(&query.body)) {
    PIER_TRY_ASSIGN(const auto left, this->query(*operation->left));
    auto columns = output_;
    PIER_TRY_ASSIGN(const auto right, this->query(*operation->right));
    output_ = united(std::move(columns), output_);
    out = "(" + left + ") " + operation->name + (operation->all ? " ALL" : "") + " (" + right + ")";
  } else if (const auto* rows = std::get_if<ValueRows>(&query.body)) {
    PIER_TRY_ASSIGN(const auto text, value_rows(*rows));
    out = "SELECT * FROM (VALUES " + text + ") AS \"values\"(" + value_columns(rows->front().size()) + ")";
    output_ = rows_output(*rows);
  } else {
    PIER_TRY_ASSIGN(const auto inner, this->query(*std::get<QueryPtr>(query.body)));
    out = "(" + inner + ")";
  }
  auto columns = output_; // ORDER BY may hold queries of its own
  if (query.order_all) {
    out += " ORDER BY ALL";
  } else if (!query.order.empty()) {
    PIER_TRY_ASSIGN(const auto order, order_by(query.order));
    out += " ORDER BY " + order;
  }
  if (query.limit) {
    PIER_TRY_ASSIGN(const auto limit, expression(*query.limit));
    out += " LIMIT " + limit;
  }
  if (query.offset) {
    PIER_TRY_ASSIGN(const auto offset, expression(*query.offset));
    out += " OFFSET " + offset;
  }
  visible_.resize(mark);
  output_ = std::move(columns);
  return out;
}

Result<std::string> Emitter::select(const Select& select) {
  // Sources first: they tell the columns that expressions may name.
  const auto first = visible_.size();
  std::string from;
  for (const auto& item : select.from) {
    PIER_TRY_ASSIGN(const auto text, from_item(item));
    from += (from.empty() ? " FROM " : ", ") + text;
  }
  for (const auto& view : select.views) {
    PIER_TRY_ASSIGN(const auto text, lateral_view(view));
    from += text;
  }
  PIER_TRY_ASSIGN(const auto items, select_list(select));
  std::string out = std::string("SELECT ") + (select.distinct ? "DISTINCT " : "") + items + from;
  if (select.where) {
    PIER_TRY_ASSIGN(const auto where, expression(*select.where));
    out += " WHERE " + where;
  }
  PIER_TRY_ASSIGN(const auto groups, grouping(select));
  out += groups;
  if (select.having) {
    PIER_TRY_ASSIGN(const auto having, expression(*select.having));
    out += " HAVING " + having;
  }
  for (std::size_t i = 0; i < select.windows.size(); ++i) {
    PIER_TRY_ASSIGN(const auto definition, window(select.windows[i].second));
    out += (i == 0 ? " WINDOW " : ", ") + quote_identifier(select.windows[i].first) + " AS (" + definition + ")";
  }
  if (select.qualify) {
    PIER_TRY_ASSIGN(const auto qualify, expression(*select.qualify));
    out += " QUALIFY " + qualify;
  }
  output_ = select_output(select, first);
  return out;
}

Result<std::string> Emitter::select_list(const Select& select) {
  std::string out;
  for (const auto& item : select.items) {
    PIER_TRY_ASSIGN(const auto value, expression(*item.value));
    out += (out.empty() ? "" : ", ") + value;
    if (!item.alias.empty()) {
      out += " AS " + quote_identifier(item.alias);
    } else if (item.value->kind != ExpressionKind::star && item.value->kind != ExpressionKind::column) {
      out += " AS " + quote_identifier(column_name(*item.value));
    } else if (item.value->kind == ExpressionKind::column) {
      // The name is as it was written; an alias where none is needed would spoil the engine's messages.
      const auto* known = find_column(item.value->name);
      if (known != nullptr ? known->name != item.value->name.back()
                           : session_value(to_lower(item.value->name[0])).has_value()) {
        out += " AS " + quote_identifier(item.value->name.back());
      }
    }
  }
  return out;
}

Result<std::string> Emitter::grouping(const Select& select) {
  switch (select.grouping) {
  case Grouping::none: return std::string();
  case Grouping::all: return std::string(" GROUP BY ALL");
  case Grouping::sets: {
    std::string out;
    for (const auto& set : select.sets) {
      PIER_TRY_ASSIGN(const auto items, list(set));
      out += (out.empty() ? "" : ", ") + ("(" + items + ")");
    }
    return " GROUP BY GROUPING SETS (" + out + ")";
  }
  default: break;
  }
  PIER_TRY_ASSIGN(const auto items, list(select.group_by));
  if (select.grouping == Grouping::list) {
    return " GROUP BY " + items;
  }
  return (select.grouping == Grouping::rollup ? " GROUP BY ROLLUP (" : " GROUP BY CUBE (") + items + ")";
}

Result<std::string> Emitter::value_rows(const ValueRows& rows) {
  std::string out;
  for (const auto& row : rows) {
    if (row.size() != rows.front().size()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
                   .message = "Inline table expected " + std::to_string(rows.front().size()) + " columns but found " +
                              std::to_string(row.size())};
    }
    PIER_TRY_ASSIGN(const auto cells, list(row));
    out += (out.empty() ? "" : ", ") + ("(" + cells + ")");
  }
  return out;
}

Result<std::string> Emitter::from_item(const FromItem& item) {
  switch (item.kind) {
  case FromKind::join: return join_item(item);
  case FromKind::query: {
    PIER_TRY_ASSIGN(const auto inner, query(*item.query));
    visible_.push_back({.alias = item.alias, .columns = renamed(output_, item.column_aliases), .full_name = {}});
    return std::string(item.lateral ? "LATERAL (" : "(") + inner + ")" +
           (item.alias.empty() ? "" : alias_text(item, ""));
  }
  case FromKind::values: {
    PIER_TRY_ASSIGN(const auto rows, value_rows(item.rows));
    const auto& alias = item.alias.empty() ? std::string("values") : item.alias;
    const auto columns =
        item.column_aliases.empty() ? value_columns(item.rows.front().size()) : quoted_list(item.column_aliases);
    visible_.push_back(
        {.alias = alias, .columns = renamed(rows_output(item.rows), item.column_aliases), .full_name = {}});
    return "(VALUES " + rows + ") AS " + quote_identifier(alias) + "(" + columns + ")";
  }
  case FromKind::function: return table_function(item);
  default: break;
  }
  if (item.name.size() == 1 && !item.version.version && !item.version.timestamp) {
    const auto name = to_lower(item.name[0]);
    for (auto scope = ctes_.rbegin(); scope != ctes_.rend(); ++scope) {
      if (const auto found = scope->find(name); found != scope->end()) {
        visible_.push_back({.alias = item.alias.empty() ? item.name[0] : item.alias,
                            .columns = renamed(found->second, item.column_aliases),
                            .full_name = {}});
        return quote_identifier(item.name[0]) + (item.alias.empty() ? "" : alias_text(item, ""));
      }
    }
  }
  PIER_TRY_ASSIGN(auto relation, context_.relations.table(item));
  const auto fallback = item.name.back();
  visible_.push_back({.alias = item.alias.empty() ? fallback : item.alias,
                      .columns = std::move(relation.columns),
                      .full_name = item.alias.empty() ? std::move(relation.full_name) : NameParts{}});
  return "(" + relation.sql + ")" + alias_text(item, fallback);
}

Result<std::string> Emitter::join_item(const FromItem& item) {
  PIER_TRY_ASSIGN(const auto left, from_item(*item.left));
  PIER_TRY_ASSIGN(const auto right, from_item(*item.right));
  const bool bare = !item.on && item.using_columns.empty() && !item.natural && item.join == JoinKind::inner;
  std::string out = left + (item.natural ? " NATURAL" : "") +
                    std::string(bare ? std::string_view(" CROSS JOIN ") : join_text(item.join)) + right;
  if (item.on) {
    PIER_TRY_ASSIGN(const auto on, expression(*item.on));
    out += " ON " + on;
  } else if (!item.using_columns.empty()) {
    out += " USING (" + quoted_list(item.using_columns) + ")";
  } else if (item.right->lateral && item.join != JoinKind::cross && !bare) {
    out += " ON true";
  }
  return "(" + out + ")";
}

Result<std::string> Emitter::table_function(const FromItem& item) {
  const auto& call = *item.function;
  if (call.text == "read_files") {
    PIER_TRY_ASSIGN(auto relation, context_.relations.read_files(call));
    visible_.push_back({.alias = item.alias, .columns = std::move(relation.columns), .full_name = {}});
    return "(" + relation.sql + ")" + alias_text(item, "read_files");
  }
  if (call.text == "range") {
    PIER_TRY_ASSIGN(const auto arguments, list(call.arguments));
    const auto& alias = item.alias.empty() ? std::string("range") : item.alias;
    const auto column = item.column_aliases.empty() ? std::string("id") : item.column_aliases[0];
    return "range(" + arguments + ") AS " + quote_identifier(alias) + "(" + quote_identifier(column) + ")";
  }
  if (call.text == "explode" && call.arguments.size() == 1) {
    PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[0]));
    const auto& alias = item.alias.empty() ? std::string("explode") : item.alias;
    const auto column = item.column_aliases.empty() ? std::string("col") : item.column_aliases[0];
    return "LATERAL (SELECT unnest(" + value + ") AS " + quote_identifier(column) + ") AS " + quote_identifier(alias);
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "UNRESOLVABLE_TABLE_VALUED_FUNCTION",
               .message = "Could not resolve `" + call.text + "` to a table-valued function"};
}

Result<std::string> Emitter::lateral_view(const LateralView& view) {
  const auto& call = *view.function;
  if (call.text != "explode" || call.arguments.size() != 1) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "UNSUPPORTED_FEATURE",
                 .message = "LATERAL VIEW " + call.text + " is not offered by the local workspace"};
  }
  PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[0]));
  const auto column = view.columns.empty() ? std::string("col") : view.columns[0];
  const auto alias = view.alias.empty() ? std::string("explode") : view.alias;
  return std::string(view.outer ? " LEFT JOIN" : " JOIN") + " LATERAL (SELECT unnest(" + value + ") AS " +
         quote_identifier(column) + ") AS " + quote_identifier(alias) + " ON true";
}

Result<std::string> Emitter::order_by(const std::vector<OrderItem>& items) {
  std::string out;
  for (const auto& item : items) {
    PIER_TRY_ASSIGN(const auto value, expression(*item.value));
    const bool nulls_first = item.nulls_first.value_or(!item.descending);
    out += (out.empty() ? "" : ", ") + value + (item.descending ? " DESC" : " ASC") +
           (nulls_first ? " NULLS FIRST" : " NULLS LAST");
  }
  return out;
}

Result<std::string> Emitter::window(const Window& window) {
  std::string out = window.base.empty() ? "" : quote_identifier(window.base);
  if (!window.partition.empty()) {
    PIER_TRY_ASSIGN(const auto partition, list(window.partition));
    out += (out.empty() ? "" : " ") + ("PARTITION BY " + partition);
  }
  if (!window.order.empty()) {
    PIER_TRY_ASSIGN(const auto order, order_by(window.order));
    out += (out.empty() ? "" : " ") + ("ORDER BY " + order);
  }
  if (window.frame_unit.empty()) {
    return out;
  }
  std::string from;
  std::string to;
  if (window.from_value) {
    PIER_TRY_ASSIGN(from, expression(*window.from_value));
    from += " ";
  }
  if (window.to_value) {
    PIER_TRY_ASSIGN(to, expression(*window.to_value));
    to += " ";
  }
  return out + " " + window.frame_unit + " BETWEEN " + from + window.frame_from + " AND " + to + window.frame_to;
}

Result<std::string> Emitter::list(const std::vector<ExpressionPtr>& items) {
  std::string out;
  for (const auto& item : items) {
    PIER_TRY_ASSIGN(const auto text, expression(*item));
    out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

} // namespace pier::lake::sql

#include "core/base/text.hpp"
#include "core/lake/sql/emitter.hpp"

#include <algorithm>

// The columns that a query gives, as far as the tree tells.

namespace pier::lake::sql {

/// Columns under other names; nothing is known when their number differs.
std::vector<Field> renamed(std::vector<Field> columns, const std::vector<std::string>& names) {
  if (names.empty()) {
    return columns;
  }
  if (names.size() != columns.size()) {
    return {};
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    columns[i].name = names[i];
  }
  return columns;
}

/// Columns of both sides of a set operation.
std::vector<Field> united(std::vector<Field> left, const std::vector<Field>& right) {
  if (left.size() != right.size()) {
    return {};
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    left[i].type = wider_type(left[i].type, right[i].type).value_or(DataType{.kind = TypeKind::null});
  }
  return left;
}

/// Columns of a SELECT whose sources are the visible relations from `first` on.
std::vector<Field> Emitter::select_output(const Select& select, std::size_t first) const {
  std::vector<Field> out;
  for (const auto& item : select.items) {
    const auto& value = *item.value;
    if (value.kind != ExpressionKind::star) {
      auto name = !item.alias.empty()                    ? item.alias
                  : value.kind == ExpressionKind::column ? value.name.back()
                                                         : column_name(value);
      out.push_back({.name = std::move(name), .type = infer(value).value_or(DataType{.kind = TypeKind::null})});
      continue;
    }
    if (!select.views.empty() || first == visible_.size()) {
      return {};
    }
    for (auto i = first; i < visible_.size(); ++i) {
      if (!value.name.empty() && !equals_ignore_case(visible_[i].alias, value.name.back())) {
        continue;
      }
      if (visible_[i].columns.empty()) {
        return {};
      }
      for (const auto& field : visible_[i].columns) {
        const bool left_out =
            std::any_of(value.arguments.begin(), value.arguments.end(),
                        [&](const ExpressionPtr& column) { return equals_ignore_case(column->name[0], field.name); });
        if (!left_out) {
          out.push_back(field);
        }
      }
    }
  }
  return out;
}

std::vector<Field> Emitter::rows_output(const ValueRows& rows) const {
  std::vector<Field> out;
  for (std::size_t i = 0; i < rows.front().size(); ++i) {
    std::vector<const Expression*> values;
    for (const auto& row : rows) {
      values.push_back(row[i].get());
    }
    out.push_back({.name = "col" + std::to_string(i + 1),
                   .type = infer_common(values).value_or(DataType{.kind = TypeKind::null})});
  }
  return out;
}

} // namespace pier::lake::sql

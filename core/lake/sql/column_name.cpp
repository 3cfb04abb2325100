#include "core/base/text.hpp"
#include "core/lake/sql/emitter.hpp"

namespace pier::lake::sql {
namespace {

std::string joined(const Expression& expression, std::size_t first = 0) {
  std::string out;
  for (auto i = first; i < expression.arguments.size(); ++i) {
    out += (i == first ? "" : ", ") + column_name(*expression.arguments[i]);
  }
  return out;
}

std::string call_name(const Expression& call) {
  if (call.text == "count" && call.arguments.size() == 1 && call.arguments[0]->kind == ExpressionKind::star) {
    return "count(1)";
  }
  return call.text + "(" + (call.distinct ? "DISTINCT " : "") + joined(call) + ")";
}

std::string binary_name(const Expression& expression) {
  std::string out;
  for (const auto& argument : expression.arguments) {
    out += (out.empty() ? "" : " " + expression.text + " ") + column_name(*argument);
  }
  return "(" + out + ")";
}

} // namespace

std::string column_name(const Expression& expression) {
  const std::string negation = expression.flag ? "NOT " : "";
  switch (expression.kind) {
  case ExpressionKind::column: return join(expression.name, ".");
  case ExpressionKind::null: return "NULL";
  case ExpressionKind::boolean: return to_lower(expression.text);
  case ExpressionKind::typed: return expression.text + " '" + expression.name[0] + "'";
  case ExpressionKind::parameter: return ":" + expression.text;
  case ExpressionKind::unary: return "(" + expression.text + " " + joined(expression) + ")";
  case ExpressionKind::binary: return binary_name(expression);
  case ExpressionKind::function: return call_name(expression);
  case ExpressionKind::cast:
    return std::string(expression.flag ? "TRY_CAST(" : "CAST(") + joined(expression) + " AS " +
           expression.type.to_sql() + ")";
  case ExpressionKind::case_when: return "CASE";
  case ExpressionKind::in_list:
    return "(" + negation + column_name(*expression.arguments[0]) + " IN (" + joined(expression, 1) + "))";
  case ExpressionKind::exists: return "exists()";
  case ExpressionKind::query: return "scalarsubquery()";
  case ExpressionKind::is: return "(" + joined(expression) + " IS " + negation + expression.text + ")";
  case ExpressionKind::subscript:
    return column_name(*expression.arguments[0]) + "[" + column_name(*expression.arguments[1]) + "]";
  case ExpressionKind::member: return column_name(*expression.arguments[0]) + "." + expression.text;
  case ExpressionKind::extract: return "extract(" + expression.text + " FROM " + joined(expression) + ")";
  case ExpressionKind::number:
  case ExpressionKind::text: return expression.text;
  default: return "col";
  }
}

} // namespace pier::lake::sql

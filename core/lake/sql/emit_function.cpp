#include "core/base/text.hpp"
#include "core/lake/engine/engine.hpp"
#include "core/lake/sql/emitter.hpp"
#include "core/lake/sql/functions.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::sql {
namespace {

Error wrong_arguments(const Expression& call) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "WRONG_NUM_ARGS",
               .message = "The `" + call.text + "` cannot be called with " + std::to_string(call.arguments.size()) +
                          " arguments"};
}

/// The unit of dateadd(DAY, …), date_trunc('month', …): a bare word or a text.
std::string unit_text(const Expression& expression) {
  if (expression.kind == ExpressionKind::text) {
    return to_upper(expression.text);
  }
  return expression.kind == ExpressionKind::column && expression.name.size() == 1 ? to_upper(expression.name[0]) : "";
}

/// Units with all their spellings, as the engine writes them.
std::string engine_unit(const std::string& unit) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 23> k_units{{
      {"YEAR", "year"},
      {"YYYY", "year"},
      {"YY", "year"},
      {"QUARTER", "quarter"},
      {"MONTH", "month"},
      {"MM", "month"},
      {"MON", "month"},
      {"WEEK", "week"},
      {"DAY", "day"},
      {"DD", "day"},
      {"HOUR", "hour"},
      {"MINUTE", "minute"},
      {"SECOND", "second"},
      {"MILLISECOND", "millisecond"},
      {"MICROSECOND", "microsecond"},
      {"YEARS", "year"},
      {"MONTHS", "month"},
      {"WEEKS", "week"},
      {"DAYS", "day"},
      {"HOURS", "hour"},
      {"MINUTES", "minute"},
      {"SECONDS", "second"},
      {"QUARTERS", "quarter"},
  }};
  for (const auto& [name, engine] : k_units) {
    if (name == unit) {
      return std::string(engine);
    }
  }
  return {};
}

/// Java's `$1` in a replacement is `\1` for the engine; a backslash quotes.
std::optional<std::string> convert_replacement(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (i + 1 >= text.size()) {
        return std::nullopt;
      }
      out += text[++i] == '\\' ? "\\\\" : std::string(1, text[i]);
    } else if (text[i] == '$') {
      if (i + 1 >= text.size() || text[i + 1] < '0' || text[i + 1] > '9') {
        return std::nullopt;
      }
      (out += '\\') += text[++i];
    } else {
      out += text[i];
    }
  }
  return out;
}

bool gives_list(const Expression& expression) {
  constexpr std::array<std::string_view, 8> k_lists{"array",     "split",     "collect_list", "collect_set",
                                                    "array_agg", "transform", "filter",       "sequence"};
  return expression.kind == ExpressionKind::function &&
         std::find(k_lists.begin(), k_lists.end(), expression.text) != k_lists.end();
}

bool drops_nulls(std::string_view name) {
  return name == "collect_list" || name == "collect_set" || name == "array_agg";
}

} // namespace

std::optional<std::string> Emitter::session_value(std::string_view name) const {
  if (name == "current_user" || name == "session_user" || name == "user") {
    return quote_text(context_.caller.principal.name);
  }
  if (name == "current_catalog") {
    return quote_text(context_.catalog);
  }
  if (name == "current_schema" || name == "current_database") {
    return quote_text(context_.schema);
  }
  if (name == "current_date" || name == "curdate") {
    return std::string("current_date");
  }
  if (name == "current_timestamp" || name == "now" || name == "localtimestamp") {
    return std::string(name == "localtimestamp" ? "CAST(now() AS TIMESTAMP)" : "now()");
  }
  if (name == "current_timezone") {
    return std::string("'UTC'");
  }
  return std::nullopt;
}

Result<std::string> Emitter::function(const Expression& call) {
  for (const auto& label : call.argument_names) {
    if (!label.empty()) {
      return unsupported("the named argument '" + label + "' of " + call.text);
    }
  }
  if (call.arguments.empty()) {
    if (auto value = session_value(call.text)) {
      return *std::move(value);
    }
  }
  PIER_TRY_ASSIGN(auto special, special_function(call));
  if (special) {
    return *std::move(special);
  }
  const auto* rule = find_function(call.text, call.arguments.size());
  if (rule == nullptr) {
    if (knows_function(call.text)) {
      return wrong_arguments(call);
    }
    const auto near = nearest_function(call.text);
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "UNRESOLVED_ROUTINE",
                 .message = "Cannot resolve routine `" + call.text + "` on the local workspace" +
                            (near.empty() ? "" : ". Did you mean `" + near + "`?")};
  }
  const bool plain = rule->kind == FunctionRule::Kind::scalar;
  if (plain && (call.distinct || call.filter || call.over || !call.within.empty() || call.ignore_nulls)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
                 .message = "The function `" + call.text + "` is no aggregate or window function"};
  }
  std::vector<std::string> arguments;
  for (const auto& argument : call.arguments) {
    PIER_TRY_ASSIGN(auto text, expression(*argument));
    arguments.push_back(std::move(text));
  }
  if (plain) {
    return apply_rule(*rule, arguments);
  }
  if (rule->kind == FunctionRule::Kind::window && !call.over) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE",
                 .message = "Window function `" + call.text + "` requires an OVER clause"};
  }
  std::string extra;
  if (drops_nulls(call.text)) {
    extra = arguments[0] + " IS NOT NULL";
  }
  if (!arguments.empty() && call.distinct) {
    arguments[0] = "DISTINCT " + arguments[0];
  }
  if (call.ignore_nulls) {
    arguments.back() += " IGNORE NULLS";
  }
  PIER_TRY_ASSIGN(const auto suffix, call_suffix(call, extra));
  auto out = apply_rule(*rule, arguments) + suffix;
  return drops_nulls(call.text) ? "coalesce(" + out + ", [])" : out;
}

Result<std::string> Emitter::call_suffix(const Expression& call, const std::string& extra_filter) {
  std::string out;
  if (!call.within.empty()) {
    PIER_TRY_ASSIGN(const auto order, order_by(call.within));
    out += " WITHIN GROUP (ORDER BY " + order + ")";
  }
  std::string filter = extra_filter;
  if (call.filter) {
    PIER_TRY_ASSIGN(const auto condition, expression(*call.filter));
    filter = filter.empty() ? condition : "(" + filter + ") AND " + condition;
  }
  if (!filter.empty()) {
    out += " FILTER (WHERE " + filter + ")";
  }
  if (call.over) {
    PIER_TRY_ASSIGN(const auto definition, window(*call.over));
    out += " OVER (" + definition + ")";
  }
  return out;
}

Result<std::optional<std::string>> Emitter::special_function(const Expression& call) {
  const auto& name = call.text;
  const auto count = call.arguments.size();
  if (name == "count" && count == 1 && call.arguments[0]->kind == ExpressionKind::star) {
    PIER_TRY_ASSIGN(const auto suffix, call_suffix(call, ""));
    return std::optional("count(*)" + suffix);
  }
  if (name == "concat" && count > 0) {
    PIER_TRY_ASSIGN(auto text, concat(call));
    return std::optional(std::move(text));
  }
  if (name == "decode" && count >= 3) {
    PIER_TRY_ASSIGN(auto text, decode(call));
    return std::optional(std::move(text));
  }
  if (name == "regexp_replace" && count == 3) {
    if (call.arguments[2]->kind != ExpressionKind::text) {
      return unsupported("regexp_replace with a computed replacement");
    }
    const auto replacement = convert_replacement(call.arguments[2]->text);
    PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[0]));
    PIER_TRY_ASSIGN(const auto pattern, expression(*call.arguments[1]));
    if (!replacement) {
      return unsupported("this replacement of regexp_replace");
    }
    return std::optional("regexp_replace(" + value + ", " + pattern + ", " + quote_text(*replacement) + ", 'g')");
  }
  if ((name == "is_member" || name == "is_account_group_member") && count == 1 &&
      call.arguments[0]->kind == ExpressionKind::text) {
    const auto& groups = context_.caller.groups;
    const bool member = std::find(groups.begin(), groups.end(), call.arguments[0]->text) != groups.end();
    return std::optional<std::string>(member ? "true" : "false");
  }
  PIER_TRY_ASSIGN(auto number, number_function(call));
  if (number) {
    return number;
  }
  PIER_TRY_ASSIGN(auto nested, nested_function(call));
  if (nested) {
    return nested;
  }
  return time_function(call);
}

Result<std::optional<std::string>> Emitter::nested_function(const Expression& call) {
  const auto count = call.arguments.size();
  std::string members;
  if (call.text == "struct" && count > 0) {
    for (std::size_t i = 0; i < count; ++i) {
      PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[i]));
      const auto& argument = *call.arguments[i];
      const auto name = argument.kind == ExpressionKind::column ? argument.name.back() : "col" + std::to_string(i + 1);
      members += (members.empty() ? "" : ", ") + quote_identifier(name) + " := " + value;
    }
    return std::optional("struct_pack(" + members + ")");
  }
  if (call.text == "named_struct" && count >= 2 && count % 2 == 0) {
    for (std::size_t i = 0; i < count; i += 2) {
      if (call.arguments[i]->kind != ExpressionKind::text) {
        return unsupported("named_struct with a computed name");
      }
      PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[i + 1]));
      members += (members.empty() ? "" : ", ") + quote_identifier(call.arguments[i]->text) + " := " + value;
    }
    return std::optional("struct_pack(" + members + ")");
  }
  if (call.text == "map" && count % 2 == 0) {
    for (std::size_t i = 0; i < count; i += 2) {
      PIER_TRY_ASSIGN(const auto key, expression(*call.arguments[i]));
      PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[i + 1]));
      members += (members.empty() ? "" : ", ") + key + ": " + value;
    }
    return std::optional("MAP {" + members + "}");
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> Emitter::time_function(const Expression& call) {
  const auto& name = call.text;
  const auto count = call.arguments.size();
  const auto none = std::optional<std::string>();
  if ((name == "date_trunc" || name == "trunc") && count == 2) {
    const auto& unit_argument = *call.arguments[name == "trunc" ? 1 : 0];
    const auto unit = engine_unit(unit_text(unit_argument));
    if (unit.empty()) {
      return unsupported(name + " with this unit");
    }
    PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[name == "trunc" ? 0 : 1]));
    return std::optional(name == "trunc" ? "CAST(date_trunc('" + unit + "', CAST(" + value + " AS DATE)) AS DATE)"
                                         : "date_trunc('" + unit + "', CAST(" + value + " AS TIMESTAMPTZ))");
  }
  const bool adds = name == "dateadd" || name == "date_add" || name == "timestampadd";
  const bool differs = name == "datediff" || name == "date_diff" || name == "timestampdiff";
  if ((adds || differs) && count == 3) {
    const auto unit = engine_unit(unit_text(*call.arguments[0]));
    if (unit.empty()) {
      return unsupported(name + " with this unit");
    }
    PIER_TRY_ASSIGN(const auto first, expression(*call.arguments[1]));
    PIER_TRY_ASSIGN(const auto second, expression(*call.arguments[2]));
    if (differs) {
      return std::optional("datesub('" + unit + "', CAST(" + first + " AS TIMESTAMPTZ), CAST(" + second +
                           " AS TIMESTAMPTZ))");
    }
    const auto amount = unit == "quarter" ? "to_months(CAST(" + first + " AS INTEGER) * 3)"
                                          : "to_" + unit + "s(CAST(" + first + " AS INTEGER))";
    return std::optional("CAST(CAST(" + second + " AS TIMESTAMPTZ) + " + amount + " AS TIMESTAMPTZ)");
  }
  const bool formats = name == "date_format" || name == "from_unixtime";
  const bool parses = name == "to_date" || name == "to_timestamp" || name == "unix_timestamp" ||
                      name == "try_to_timestamp" || name == "to_unix_timestamp";
  if ((!formats && !parses) || count != 2) {
    return none;
  }
  const auto& pattern_argument = *call.arguments[1];
  const auto pattern =
      pattern_argument.kind == ExpressionKind::text ? convert_date_pattern(pattern_argument.text) : std::nullopt;
  if (!pattern) {
    return unsupported("this date pattern of " + name);
  }
  PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[0]));
  const auto text = quote_text(*pattern);
  if (name == "date_format") {
    return std::optional("strftime(CAST(" + value + " AS TIMESTAMPTZ), " + text + ")");
  }
  if (name == "from_unixtime") {
    return std::optional("strftime(to_timestamp(" + value + "), " + text + ")");
  }
  const auto parsed = (name == "try_to_timestamp" ? "try_strptime(" : "strptime(") + value + ", " + text + ")";
  if (name == "to_date") {
    return std::optional("CAST(" + parsed + " AS DATE)");
  }
  const auto moment = "CAST(" + parsed + " AS TIMESTAMPTZ)";
  return std::optional(name.ends_with("unix_timestamp") ? "CAST(floor(epoch(" + moment + ")) AS BIGINT)" : moment);
}

/// NULL when one part is NULL; parts that are no texts get the dialect's form.
Result<std::string> Emitter::concat(const Expression& call) {
  const bool lists = std::any_of(call.arguments.begin(), call.arguments.end(),
                                 [](const ExpressionPtr& argument) { return gives_list(*argument); });
  std::string out;
  for (const auto& argument : call.arguments) {
    PIER_TRY_ASSIGN(const auto value, expression(*argument));
    const bool as_is = lists || type_of(*argument) == TypeKind::string;
    out += (out.empty() ? "" : " || ") + (as_is ? value : "pier_text_part(" + value + ")");
  }
  return "(" + out + ")";
}

Result<std::string> Emitter::decode(const Expression& call) {
  PIER_TRY_ASSIGN(const auto value, expression(*call.arguments[0]));
  std::string out = "CASE";
  std::size_t i = 1;
  for (; i + 1 < call.arguments.size(); i += 2) {
    PIER_TRY_ASSIGN(const auto key, expression(*call.arguments[i]));
    PIER_TRY_ASSIGN(const auto result, expression(*call.arguments[i + 1]));
    out += " WHEN " + value + " IS NOT DISTINCT FROM " + key + " THEN " + result;
  }
  if (i < call.arguments.size()) {
    PIER_TRY_ASSIGN(const auto fallback, expression(*call.arguments[i]));
    out += " ELSE " + fallback;
  }
  return out + " END";
}

} // namespace pier::lake::sql

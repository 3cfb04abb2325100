#pragma once

#include "core/lake/data_type.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A statement of the dialect as a tree. Nodes are plain values owned by their parents; `at` is the byte
/// offset in the statement, for messages.
namespace pier::lake::sql {

struct Query;
struct Expression;
using QueryPtr = std::unique_ptr<Query>;
using ExpressionPtr = std::unique_ptr<Expression>;
using NameParts = std::vector<std::string>;

struct OrderItem {
  ExpressionPtr value;
  bool descending = false;
  std::optional<bool> nulls_first;
};

struct Window {
  std::string base; ///< a named window
  std::vector<ExpressionPtr> partition;
  std::vector<OrderItem> order;
  std::string frame_unit;           ///< "ROWS", "RANGE"; empty: none
  std::string frame_from, frame_to; ///< "UNBOUNDED PRECEDING", "CURRENT ROW", "PRECEDING", "FOLLOWING"
  ExpressionPtr from_value, to_value;
};

enum class ExpressionKind {
  number, ///< text as written
  text,   ///< text is the value
  null,
  boolean,     ///< text TRUE or FALSE
  typed,       ///< DATE 'x': text DATE, name[0] the value
  interval,    ///< arguments are amounts, name the units
  column,      ///< name: parts
  star,        ///< name: qualifier; columns left out in arguments
  parameter,   ///< text
  unary,       ///< text: operator
  binary,      ///< text: operator
  function,    ///< text: lower case name
  cast,        ///< type; flag: TRY_CAST
  case_when,   ///< arguments: [operand], when, then, …, [else]; see has_operand, has_else
  in_list,     ///< arguments[0] IN the rest; flag: NOT
  in_query,    ///< arguments[0] IN query; flag: NOT
  exists,      ///< query
  query,       ///< scalar subquery
  between,     ///< flag: NOT
  like,        ///< text LIKE, ILIKE, RLIKE; arguments value, pattern, [escape]; flag: NOT
  is,          ///< text NULL, TRUE, FALSE; flag: NOT
  is_distinct, ///< flag: NOT
  lambda,      ///< name: parameters; arguments[0]: body
  subscript,   ///< arguments value, index
  member,      ///< arguments[0].text
  json_path,   ///< arguments[0]:text
  tuple,       ///< (a, b)
  extract,     ///< text: field; arguments[0]
};

struct Expression {
  ExpressionKind kind = ExpressionKind::null;
  std::size_t at = 0;
  std::string text;
  NameParts name;
  std::vector<ExpressionPtr> arguments;
  DataType type;
  bool flag = false;
  bool has_operand = false;
  bool has_else = false;
  // function calls
  bool distinct = false;
  bool ignore_nulls = false;
  ExpressionPtr filter;
  std::vector<OrderItem> within;
  std::unique_ptr<Window> over;
  std::vector<std::string> argument_names; ///< named arguments: name => value; "" for positional ones
  QueryPtr query;
};

struct SelectItem {
  ExpressionPtr value;
  std::string alias;
};

struct TableVersion {
  std::optional<std::int64_t> version;
  ExpressionPtr timestamp;
};

enum class FromKind { table, query, function, values, join };
enum class JoinKind { inner, left, right, full, cross, semi, anti };

struct FromItem {
  FromKind kind = FromKind::table;
  std::size_t at = 0;
  NameParts name; ///< table: parts; {"delta", "/path"} for a path
  TableVersion version;
  QueryPtr query;
  ExpressionPtr function; ///< a call
  std::vector<std::vector<ExpressionPtr>> rows;
  std::string alias;
  std::vector<std::string> column_aliases;
  bool lateral = false;
  // joins
  JoinKind join = JoinKind::inner;
  bool natural = false;
  std::unique_ptr<FromItem> left, right;
  ExpressionPtr on;
  std::vector<std::string> using_columns;
};

/// LATERAL VIEW [OUTER] f(x) t AS a, b
struct LateralView {
  bool outer = false;
  ExpressionPtr function;
  std::string alias;
  std::vector<std::string> columns;
};

enum class Grouping { none, list, all, rollup, cube, sets };

struct Select {
  bool distinct = false;
  std::vector<SelectItem> items;
  std::vector<FromItem> from;
  std::vector<LateralView> views;
  ExpressionPtr where;
  Grouping grouping = Grouping::none;
  std::vector<ExpressionPtr> group_by;
  std::vector<std::vector<ExpressionPtr>> sets;
  ExpressionPtr having;
  ExpressionPtr qualify;
  std::vector<std::pair<std::string, Window>> windows;
};

struct SetOperation {
  std::string name; ///< UNION, INTERSECT, EXCEPT
  bool all = false;
  QueryPtr left, right;
};

using ValueRows = std::vector<std::vector<ExpressionPtr>>;

struct Cte {
  std::string name;
  std::vector<std::string> columns;
  QueryPtr query;
};

struct Query {
  std::vector<Cte> ctes;
  bool recursive = false;
  std::variant<Select, SetOperation, ValueRows, QueryPtr> body;
  bool order_all = false;
  std::vector<OrderItem> order;
  ExpressionPtr limit;
  ExpressionPtr offset;
};

} // namespace pier::lake::sql

#pragma once

#include "core/base/result.hpp"
#include "core/lake/sql/ast.hpp"
#include "core/lake/sql/decimal_shape.hpp"
#include "core/lake/statement.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake::sql {

/// What the dialect has and the local workspace does not offer: UNSUPPORTED_FEATURE.
Error unsupported(std::string what);

/// A relation as the engine can read it: a SELECT without brackets, and its columns when they are known.
struct Relation {
  std::string sql;
  std::vector<Field> columns;
  NameParts full_name; ///< catalog, schema, table; empty for paths and files
};

/// What names in a query mean; checks privileges and resolves paths. Asked for each place where one stands.
class Relations {
 public:
  virtual ~Relations() = default;
  virtual Result<Relation> table(const FromItem& item) = 0;
  virtual Result<Relation> read_files(const Expression& call) = 0;
};

struct EmitContext {
  Relations& relations;
  const identity::Caller& caller;
  std::string catalog;
  std::string schema;
  std::span<const Parameter> parameters;
};

/// Turns trees of the dialect into SQL of the engine. Every name, function and relation in the result was put
/// there by a rule: what has no rule is refused (UNRESOLVED_ROUTINE, UNSUPPORTED_FEATURE).
class Emitter {
 public:
  explicit Emitter(EmitContext context)
      : context_(context) {}

  Result<std::string> query(const Query& query);
  Result<std::string> expression(const Expression& expression);

  /// Columns of the query that was emitted last, as far as they are known: empty, or some of the type VOID.
  [[nodiscard]] const std::vector<Field>& output() const { return output_; }

  /// Makes a relation's columns visible to expressions that are emitted outside a query (DML).
  void push_relation(std::string alias, std::vector<Field> columns, NameParts full_name);
  void pop_relation();

 private:
  struct Visible {
    std::string alias;
    std::vector<Field> columns;
    NameParts full_name;
  };

  Result<std::string> body(const Query& query);
  Result<std::string> select(const Select& select);
  Result<std::string> select_list(const Select& select);
  Result<std::string> grouping(const Select& select);
  Result<std::string> value_rows(const ValueRows& rows);
  Result<std::string> from_item(const FromItem& item);
  Result<std::string> join_item(const FromItem& item);
  Result<std::string> table_function(const FromItem& item);
  Result<std::string> lateral_view(const LateralView& view);
  Result<std::string> order_by(const std::vector<OrderItem>& items);
  Result<std::string> window(const Window& window);
  Result<std::string> list(const std::vector<ExpressionPtr>& items);

  Result<std::string> number(const Expression& expression);
  Result<std::string> typed(const Expression& expression);
  Result<std::string> interval(const Expression& expression);
  Result<std::string> column(const Expression& expression);
  Result<std::string> star(const Expression& expression);
  Result<std::string> parameter(const Expression& expression);
  Result<std::string> unary(const Expression& expression);
  Result<std::string> binary(const Expression& expression);
  Result<std::string> arithmetic(const Expression& expression, std::string left, std::string right);
  Result<std::string> cast(const Expression& expression);
  Result<std::string> case_when(const Expression& expression);
  Result<std::string> in(const Expression& expression);
  Result<std::string> like(const Expression& expression);
  Result<std::string> subscript(const Expression& expression);
  Result<std::string> lambda(const Expression& expression);
  Result<std::string> extract(const Expression& expression);

  Result<std::string> function(const Expression& call);
  // numbers (emit_number.cpp)
  Result<std::string> divide(const Expression& left, const Expression& right, const std::string& left_text,
                             const std::string& right_text, bool null_on_zero);
  Result<std::string> whole_quotient(const Expression& left, const Expression& right, const std::string& left_text,
                                     const std::string& right_text);
  Result<std::optional<std::string>> number_function(const Expression& call);
  Result<std::optional<std::string>> decimal_aggregate(const Expression& call);
  Result<std::optional<std::string>> rounding(const Expression& call);

  Result<std::optional<std::string>> special_function(const Expression& call);
  Result<std::optional<std::string>> time_function(const Expression& call);
  Result<std::optional<std::string>> nested_function(const Expression& call);
  Result<std::string> concat(const Expression& call);
  Result<std::string> decode(const Expression& call);
  Result<std::string> call_suffix(const Expression& call, const std::string& extra_filter);
  [[nodiscard]] std::optional<std::string> session_value(std::string_view name) const;

  // types (infer.cpp); nothing where only the engine knows
  [[nodiscard]] std::optional<TypeKind> type_of(const Expression& expression) const;
  [[nodiscard]] std::optional<DataType> infer(const Expression& expression) const;
  [[nodiscard]] std::optional<DataType> infer_binary(const Expression& expression) const;
  [[nodiscard]] std::optional<DataType> infer_function(const Expression& call) const;
  [[nodiscard]] std::optional<DataType> infer_common(const std::vector<const Expression*>& values) const;
  [[nodiscard]] std::optional<DataType> infer_arithmetic(const std::string& operation, const Expression& left,
                                                         const Expression& right) const;
  [[nodiscard]] std::optional<DecimalShape> operand_shape(const Expression& operand) const;
  [[nodiscard]] std::vector<Field> select_output(const Select& select, std::size_t first) const;
  [[nodiscard]] std::vector<Field> rows_output(const ValueRows& rows) const;
  [[nodiscard]] const Field* find_column(const NameParts& name) const;

  EmitContext context_;
  std::vector<std::map<std::string, std::vector<Field>>> ctes_; ///< by lower case name
  std::vector<Visible> visible_;
  std::vector<Field> output_;
};

/// Columns under other names; nothing is known when their number differs.
std::vector<Field> renamed(std::vector<Field> columns, const std::vector<std::string>& names);
/// Columns of a set operation of both.
std::vector<Field> united(std::vector<Field> left, const std::vector<Field>& right);

/// A small integer literal, with its sign.
std::optional<int> literal_digits(const Expression& expression);

bool is_nonzero_number(const Expression& expression);

/// The name that a column without alias gets: "count(1)", "sum(amount)", "(a + 1)".
std::string column_name(const Expression& expression);

} // namespace pier::lake::sql

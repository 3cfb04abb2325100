#include "core/base/text.hpp"
#include "core/lake/delta/scan.hpp"
#include "core/lake/exec/statement_run.hpp"
#include "core/lake/exec/table_rewrite.hpp"
#include "core/lake/exec/table_writer.hpp"

#include <algorithm>

namespace pier::lake {
namespace {

/// `SET b = x` as the columns of the new row.
std::string new_values(const std::vector<Field>& columns, const std::map<std::string, std::string>& values,
                       const std::string& prefix) {
  std::string out;
  for (const auto& column : columns) {
    const auto found = values.find(to_lower(column.name));
    const auto old = prefix + quote_identifier(column.name);
    out += (out.empty() ? "" : ", ") +
           (found == values.end() ? old : "CAST(" + found->second + " AS " + column.type.to_duckdb() + ")") + " AS " +
           quote_identifier(column.name);
  }
  return out;
}

} // namespace

Result<StatementResult> StatementRun::insert(const sql::Insert& statement) {
  PIER_TRY_ASSIGN(const auto table, target(statement.table.name, "MODIFY"));
  PIER_TRY_ASSIGN(const auto query, emitter().query(*statement.query));
  PIER_TRY_ASSIGN(auto* const session, this->session());
  auto columns = statement.columns;
  if (statement.by_name) {
    PIER_TRY_ASSIGN(const auto prepared, session->prepare(query));
    for (const auto& column : prepared->columns()) {
      columns.push_back(column.name);
    }
  }
  TableWriter writer(core_, *engine_, *session, caller_, request_.stop);
  PIER_TRY(writer.append(table.info, query, columns, statement.overwrite));
  return change_result({{"num_affected_rows", writer.rows()}, {"num_inserted_rows", writer.rows()}});
}

Result<StatementResult> StatementRun::remove(const sql::Delete& statement) {
  PIER_TRY_ASSIGN(auto table, target(statement.table.name, "MODIFY"));
  const auto lock = core_.tables.writing(table.info.storage_location);
  PIER_TRY_ASSIGN(table.snapshot, core_.tables.latest(*engine_, table.info.storage_location));
  const auto& snapshot = *table.snapshot;
  PIER_TRY(check_may_change(snapshot));
  PIER_TRY_ASSIGN(auto* const session, this->session());
  if (statement.where) { // the condition reads
    PIER_TRY(target(statement.table.name, "SELECT"));
  }
  RewritePlan plan{.operation = statement.truncate ? "TRUNCATE" : "DELETE", .parameters_key = "predicate"};
  std::int64_t deleted = 0;
  if (!statement.where) { // whole files go: the feed derives the rows from them
    PIER_TRY_ASSIGN(auto scan, delta::scan_sql(*engine_, snapshot));
    PIER_TRY_ASSIGN(deleted, count_of(*session, "SELECT count(*) FROM (" + scan.sql + ")", request_.stop));
    plan.touched = snapshot.files;
    plan.parameters_value = "[\"true\"]";
  } else {
    const auto alias = statement.table.alias.empty() ? table.info.name.table : statement.table.alias;
    auto emit = emitter();
    emit.push_relation(alias, snapshot.columns,
                       {table.info.name.catalog, table.info.name.schema, table.info.name.table});
    PIER_TRY_ASSIGN(const auto condition, emit.expression(*statement.where));
    PIER_TRY_ASSIGN(auto all, delta::scan_sql(*engine_, snapshot, {.files = snapshot.files, .with_position = true}));
    const auto as = ") AS " + quote_identifier(alias) + " WHERE ";
    PIER_TRY_ASSIGN(plan.touched,
                    files_named(*session, snapshot, "SELECT DISTINCT __pier_file FROM (" + all.sql + as + condition,
                                request_.stop));
    if (!plan.touched.empty()) {
      PIER_TRY_ASSIGN(auto some, delta::scan_sql(*engine_, snapshot, {.files = plan.touched}));
      PIER_TRY_ASSIGN(deleted, count_of(*session, "SELECT count(*) FROM (" + some.sql + as + condition, request_.stop));
      plan.survivors = "SELECT * FROM (" + some.sql + as + "(" + condition + ") IS NOT TRUE";
      plan.changes = "SELECT *, 'delete' AS _change_type FROM (" + some.sql + as + condition;
    }
    plan.parameters_value = Json::strings({sql::column_name(*statement.where)}).dump();
  }
  plan.metrics["numDeletedRows"] = deleted;
  if (!plan.touched.empty()) {
    PIER_TRY(commit_rewrite(core_, *engine_, *session, caller_, table, plan, request_.stop));
  }
  return change_result({{"num_affected_rows", deleted}});
}

Result<StatementResult> StatementRun::update(const sql::Update& statement) {
  PIER_TRY_ASSIGN(auto table, target(statement.table.name, "MODIFY"));
  const auto lock = core_.tables.writing(table.info.storage_location);
  PIER_TRY_ASSIGN(table.snapshot, core_.tables.latest(*engine_, table.info.storage_location));
  const auto& snapshot = *table.snapshot;
  PIER_TRY(check_may_change(snapshot));
  PIER_TRY(target(statement.table.name, "SELECT")); // new values and the condition read
  const auto alias = statement.table.alias.empty() ? table.info.name.table : statement.table.alias;
  auto emit = emitter();
  emit.push_relation(alias, snapshot.columns, {table.info.name.catalog, table.info.name.schema, table.info.name.table});
  std::map<std::string, std::string> values;
  for (const auto& assignment : statement.assignments) {
    const auto& name = assignment.column.back();
    if (assignment.column.size() > 2 || snapshot.column(name) == nullptr) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                   .message = "A column with name `" + join(assignment.column, "`.`") + "` cannot be resolved"};
    }
    PIER_TRY_ASSIGN(values[to_lower(name)], emit.expression(*assignment.value));
  }
  std::string condition = "true";
  if (statement.where) {
    PIER_TRY_ASSIGN(condition, emit.expression(*statement.where));
  }
  PIER_TRY_ASSIGN(auto* const session, this->session());
  PIER_TRY_ASSIGN(auto all, delta::scan_sql(*engine_, snapshot, {.files = snapshot.files, .with_position = true}));
  const auto as = ") AS " + quote_identifier(alias);
  RewritePlan plan{.operation = "UPDATE", .parameters_key = "predicate"};
  PIER_TRY_ASSIGN(plan.touched, files_named(*session, snapshot,
                                            "SELECT DISTINCT __pier_file FROM (" + all.sql + as + " WHERE " + condition,
                                            request_.stop));
  std::int64_t updated = 0;
  if (!plan.touched.empty()) {
    PIER_TRY_ASSIGN(auto some, delta::scan_sql(*engine_, snapshot, {.files = plan.touched}));
    const auto from = " FROM (" + some.sql + as + " WHERE ";
    const auto prefix = quote_identifier(alias) + ".";
    const auto changed = new_values(snapshot.columns, values, prefix);
    PIER_TRY_ASSIGN(updated, count_of(*session, "SELECT count(*)" + from + condition, request_.stop));
    plan.survivors =
        "SELECT *" + from + "(" + condition + ") IS NOT TRUE UNION ALL SELECT " + changed + from + condition;
    plan.changes = "SELECT *, 'update_preimage' AS _change_type" + from + condition + " UNION ALL SELECT " + changed +
                   ", 'update_postimage'" + from + condition;
    plan.metrics["numUpdatedRows"] = updated;
    plan.parameters_value = statement.where ? Json::strings({sql::column_name(*statement.where)}).dump() : "[]";
    PIER_TRY(commit_rewrite(core_, *engine_, *session, caller_, table, plan, request_.stop));
  }
  return change_result({{"num_affected_rows", updated}});
}

} // namespace pier::lake

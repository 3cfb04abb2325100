#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/lake/delta/scan.hpp"
#include "core/lake/exec/statement_run.hpp"
#include "core/lake/exec/table_rewrite.hpp"

#include <algorithm>

namespace pier::lake {
namespace {

using sql::MergeAction;
using sql::MergeClause;
using sql::MergeWhen;

/// A clause as SQL of the engine.
struct ClauseSql {
  MergeWhen when = MergeWhen::matched;
  MergeAction action = MergeAction::update;
  std::string condition = "true";
  std::string values; ///< the table's columns after the change; empty for deletes
};

Error unresolved(const std::string& name) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "UNRESOLVED_COLUMN.WITH_SUGGESTION",
               .message = "A column with name `" + name + "` cannot be resolved"};
}

/// Temporary tables of one MERGE; gone with it.
class Scratch {
 public:
  Scratch(EngineSession& session, const std::stop_token& stop)
      : session_(session),
        stop_(stop) {
    suffix_ = random_uuid();
    std::erase(suffix_, '-');
  }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  ~Scratch() {
    for (const auto& name : names_) {
      [[maybe_unused]] const auto ignored = session_.run("DROP TABLE IF EXISTS " + name);
    }
  }

  Result<std::string> make(const std::string& role, const std::string& query) {
    auto name = "pier_" + role + "_" + suffix_;
    PIER_TRY(session_.run("CREATE TEMP TABLE " + name + " AS " + query, stop_));
    names_.push_back(name);
    return name;
  }

 private:
  EngineSession& session_;
  const std::stop_token& stop_;
  std::string suffix_;
  std::vector<std::string> names_;
};

/// The number of the first clause of a kind whose condition holds, 0 for none.
std::string choice(const std::vector<ClauseSql>& clauses, MergeWhen when) {
  std::string out = "CASE";
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (clauses[i].when == when) {
      out += " WHEN " + clauses[i].condition + " THEN " + std::to_string(i + 1);
    }
  }
  return out == "CASE" ? "0" : out + " ELSE 0 END";
}

/// What the clauses find: temporary tables of pairs, of rows without a source, of new rows.
struct Found {
  std::string source;  ///< with __pier_src
  std::string pairs;   ///< f, r, s, act: matched
  std::string lonely;  ///< f, r, act: not matched by source
  std::string inserts; ///< s, act
};

/// Builds queries over the rows of the touched files.
struct MergeQueries {
  const std::vector<Field>& columns;
  const std::vector<ClauseSql>& clauses;
  const Found& found;
  std::string target_alias;
  std::string source_alias;
  std::string touched; ///< scan with positions

  [[nodiscard]] std::string target() const { return "(" + touched + ") AS " + quote_identifier(target_alias); }

  [[nodiscard]] std::string target_key() const {
    const auto alias = quote_identifier(target_alias);
    return alias + ".__pier_file = k.f AND " + alias + ".__pier_row = k.r";
  }

  [[nodiscard]] std::string source() const { return found.source + " AS " + quote_identifier(source_alias); }

  /// Rows that clause `i` (from 1) acts on, as `list`.
  [[nodiscard]] std::string rows_of(std::size_t i, const std::string& list) const {
    const auto& clause = clauses[i - 1];
    const auto act = " AND k.act = " + std::to_string(i);
    const auto source_key = quote_identifier(source_alias) + ".__pier_src = k.s";
    if (clause.when == MergeWhen::not_matched) {
      return "SELECT " + list + " FROM " + source() + " JOIN " + found.inserts + " AS k ON " + source_key + act;
    }
    if (clause.when == MergeWhen::matched) {
      return "SELECT " + list + " FROM " + target() + " JOIN " + found.pairs + " AS k ON " + target_key() + act +
             " JOIN " + source() + " ON " + source_key;
    }
    return "SELECT " + list + " FROM " + target() + " JOIN " + found.lonely + " AS k ON " + target_key() + act;
  }

  [[nodiscard]] std::string survivors() const {
    std::string out = "SELECT " + column_list(columns, quote_identifier(target_alias) + ".") + " FROM " + target() +
                      " ANTI JOIN (SELECT f, r FROM " + found.pairs + " WHERE act > 0 UNION ALL SELECT f, r FROM " +
                      found.lonely + " WHERE act > 0) AS k ON " + target_key();
    for (std::size_t i = 1; i <= clauses.size(); ++i) {
      if (!clauses[i - 1].values.empty()) {
        out += " UNION ALL " + rows_of(i, clauses[i - 1].values);
      }
    }
    return out;
  }

  [[nodiscard]] std::string changes() const {
    std::string out;
    const auto old = column_list(columns, quote_identifier(target_alias) + ".");
    const auto add = [&](const std::string& query) { out += (out.empty() ? "" : " UNION ALL ") + query; };
    for (std::size_t i = 1; i <= clauses.size(); ++i) {
      const auto& clause = clauses[i - 1];
      if (clause.when == MergeWhen::not_matched) {
        add(rows_of(i, clause.values + ", 'insert' AS _change_type"));
      } else if (clause.values.empty()) {
        add(rows_of(i, old + ", 'delete' AS _change_type"));
      } else {
        add(rows_of(i, old + ", 'update_preimage' AS _change_type"));
        add(rows_of(i, clause.values + ", 'update_postimage' AS _change_type"));
      }
    }
    return out;
  }
};

/// The clause's new row: assignments by column name (lower case) over what stays.
std::string row_values(const std::vector<Field>& columns, const std::map<std::string, std::string>& values,
                       const std::string& old_prefix) {
  std::string out;
  for (const auto& column : columns) {
    const auto name = quote_identifier(column.name);
    const auto found = values.find(to_lower(column.name));
    const auto fallback = old_prefix.empty() ? std::string("NULL") : old_prefix + name;
    out += (out.empty() ? "" : ", ") + ("CAST(" + (found == values.end() ? fallback : found->second) + " AS ") +
           column.type.to_duckdb() + ") AS " + name;
  }
  return out;
}

Result<ClauseSql> clause_sql(sql::Emitter& emit, const MergeClause& clause, const delta::Snapshot& snapshot,
                             const std::string& target_alias, const std::string& source_alias,
                             const std::vector<Field>& source_columns) {
  ClauseSql out{.when = clause.when, .action = clause.action};
  if (clause.condition) {
    PIER_TRY_ASSIGN(out.condition, emit.expression(*clause.condition));
  }
  if (clause.action == MergeAction::remove) {
    return out;
  }
  std::map<std::string, std::string> values;
  if (clause.action == MergeAction::update_all || clause.action == MergeAction::insert_all) {
    for (const auto& column : snapshot.columns) {
      const bool there = std::any_of(source_columns.begin(), source_columns.end(),
                                     [&](const Field& field) { return equals_ignore_case(field.name, column.name); });
      if (!there) {
        return unresolved(column.name);
      }
      values[to_lower(column.name)] = quote_identifier(source_alias) + "." + quote_identifier(column.name);
    }
  }
  for (const auto& assignment : clause.assignments) {
    const auto& name = assignment.column.back();
    if (assignment.column.size() > 2 || snapshot.column(name) == nullptr) {
      return unresolved(join(assignment.column, "`.`"));
    }
    PIER_TRY_ASSIGN(values[to_lower(name)], emit.expression(*assignment.value));
  }
  const bool inserts = clause.when == MergeWhen::not_matched;
  out.values = row_values(snapshot.columns, values, inserts ? "" : quote_identifier(target_alias) + ".");
  return out;
}

Result<void> check_single_match(EngineSession& session, const Found& found, const std::stop_token& stop) {
  PIER_TRY_ASSIGN(const auto doubles, count_of(session,
                                               "SELECT count(*) FROM (SELECT f, r FROM " + found.pairs +
                                                   " WHERE act > 0 GROUP BY f, r HAVING count(*) > 1)",
                                               stop));
  if (doubles > 0) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE",
                 .message = "Cannot perform Merge as multiple source rows matched and attempted to modify the same "
                            "target row in the Delta table in possibly conflicting ways."};
  }
  return {};
}

/// Rows changed by clauses of one sort.
Result<std::int64_t> acted(EngineSession& session, const std::vector<ClauseSql>& clauses, const Found& found,
                           bool removes, const std::stop_token& stop) {
  std::string numbers;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (clauses[i].when != MergeWhen::not_matched && clauses[i].values.empty() == removes) {
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(i + 1);
    }
  }
  if (numbers.empty()) {
    return 0;
  }
  return count_of(session,
                  "SELECT count(*) FROM (SELECT act FROM " + found.pairs + " UNION ALL SELECT act FROM " +
                      found.lonely + ") WHERE act IN (" + numbers + ")",
                  stop);
}

} // namespace

Result<StatementResult> StatementRun::merge(const sql::Merge& statement) {
  PIER_TRY_ASSIGN(auto table, target(statement.target.name, "MODIFY"));
  PIER_TRY_ASSIGN(const auto readable, target(statement.target.name, "SELECT"));
  auto source_emitter = emitter();
  std::string source_query;
  if (statement.source.kind == sql::FromKind::query) {
    PIER_TRY_ASSIGN(source_query, source_emitter.query(*statement.source.query));
  } else {
    PIER_TRY_ASSIGN(auto relation, this->table(statement.source));
    source_query = std::move(relation.sql);
  }
  const auto lock = core_.tables.writing(table.info.storage_location);
  PIER_TRY_ASSIGN(auto* const engine, engine_for(table.info.storage_location));
  PIER_TRY_ASSIGN(auto* const session, this->session());
  PIER_TRY_ASSIGN(table.snapshot, core_.tables.latest(*engine, table.info.storage_location));
  const auto& snapshot = *table.snapshot;
  PIER_TRY(check_may_change(snapshot));

  const auto target_alias = statement.target.alias.empty() ? table.info.name.table : statement.target.alias;
  const auto source_alias = !statement.source.alias.empty() ? statement.source.alias
                            : statement.source.name.empty() ? std::string("source")
                                                            : statement.source.name.back();
  Scratch scratch(*session, request_.stop);
  Found found;
  PIER_TRY_ASSIGN(found.source, scratch.make("source", "SELECT row_number() OVER () AS __pier_src, * FROM (" +
                                                           source_query + ") AS pier_inner"));
  PIER_TRY_ASSIGN(const auto probe, session->prepare("SELECT * EXCLUDE (__pier_src) FROM " + found.source));
  std::vector<Field> source_columns;
  for (const auto& column : probe->columns()) {
    source_columns.push_back({.name = column.name, .type = column.type});
  }
  auto emit = emitter();
  emit.push_relation(target_alias, snapshot.columns,
                     {table.info.name.catalog, table.info.name.schema, table.info.name.table});
  emit.push_relation(source_alias, source_columns, {});
  PIER_TRY_ASSIGN(const auto on, emit.expression(*statement.on));
  std::vector<ClauseSql> clauses;
  for (const auto& clause : statement.clauses) {
    PIER_TRY_ASSIGN(auto text, clause_sql(emit, clause, snapshot, target_alias, source_alias, source_columns));
    clauses.push_back(std::move(text));
  }

  PIER_TRY_ASSIGN(auto all, delta::scan_sql(*engine, snapshot, {.files = snapshot.files, .with_position = true}));
  MergeQueries queries{.columns = snapshot.columns,
                       .clauses = clauses,
                       .found = found,
                       .target_alias = target_alias,
                       .source_alias = source_alias,
                       .touched = all.sql};
  const auto position =
      quote_identifier(target_alias) + ".__pier_file AS f, " + quote_identifier(target_alias) + ".__pier_row AS r, ";
  PIER_TRY_ASSIGN(found.pairs,
                  scratch.make("pairs", "SELECT " + position + quote_identifier(source_alias) + ".__pier_src AS s, " +
                                            choice(clauses, MergeWhen::matched) + " AS act FROM " + queries.target() +
                                            " JOIN " + queries.source() + " ON " + on));
  PIER_TRY(check_single_match(*session, found, request_.stop));
  PIER_TRY_ASSIGN(found.lonely,
                  scratch.make("lonely", "SELECT " + position + choice(clauses, MergeWhen::not_matched_by_source) +
                                             " AS act FROM " + queries.target() + " ANTI JOIN " + found.pairs +
                                             " AS k ON " + queries.target_key()));
  PIER_TRY_ASSIGN(found.inserts,
                  scratch.make("inserts", "SELECT __pier_src AS s, " + choice(clauses, MergeWhen::not_matched) +
                                              " AS act FROM " + queries.source() + " ANTI JOIN " + found.pairs +
                                              " AS k ON " + quote_identifier(source_alias) + ".__pier_src = k.s"));

  RewritePlan plan{.operation = "MERGE", .parameters_key = "predicate"};
  plan.parameters_value = Json::strings({sql::column_name(*statement.on)}).dump();
  PIER_TRY_ASSIGN(plan.touched, files_named(*session, snapshot,
                                            "SELECT DISTINCT f FROM (SELECT f, act FROM " + found.pairs +
                                                " UNION ALL SELECT f, act FROM " + found.lonely + ") WHERE act > 0",
                                            request_.stop));
  PIER_TRY_ASSIGN(auto some, delta::scan_sql(*engine, snapshot, {.files = plan.touched, .with_position = true}));
  queries.touched = some.sql;
  PIER_TRY_ASSIGN(const auto updated, acted(*session, clauses, found, false, request_.stop));
  PIER_TRY_ASSIGN(const auto deleted, acted(*session, clauses, found, true, request_.stop));
  PIER_TRY_ASSIGN(const auto inserted,
                  count_of(*session, "SELECT count(*) FROM " + found.inserts + " WHERE act > 0", request_.stop));
  if (updated + deleted + inserted > 0) {
    plan.survivors = queries.survivors();
    plan.changes = queries.changes();
    plan.metrics = {
        {"numTargetRowsUpdated", updated}, {"numTargetRowsDeleted", deleted}, {"numTargetRowsInserted", inserted}};
    PIER_TRY(commit_rewrite(core_, *engine, *session, caller_, table, plan, request_.stop));
  }
  return change_result({{"num_affected_rows", updated + deleted + inserted},
                        {"num_updated_rows", updated},
                        {"num_deleted_rows", deleted},
                        {"num_inserted_rows", inserted}});
}

} // namespace pier::lake

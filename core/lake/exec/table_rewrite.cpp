#include "core/lake/exec/table_rewrite.hpp"

#include "core/base/text.hpp"
#include "core/lake/delta/data_writer.hpp"

#include <set>

namespace pier::lake {

std::string column_list(const std::vector<Field>& columns, const std::string& prefix) {
  std::string out;
  for (const auto& column : columns) {
    out += (out.empty() ? "" : ", ") + prefix + quote_identifier(column.name);
  }
  return out;
}

Result<void> check_may_change(const delta::Snapshot& snapshot) {
  PIER_TRY(delta::check_writable(snapshot));
  if (snapshot.property("delta.appendOnly") == "true") {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "DELTA_CANNOT_MODIFY_APPEND_ONLY",
                 .message = "This table is configured to only allow appends. If you would like to permit updates or "
                            "deletes, use 'ALTER TABLE <table_name> SET TBLPROPERTIES (delta.appendOnly=false)'."};
  }
  return {};
}

Result<std::vector<std::shared_ptr<const delta::AddFile>>> files_named(EngineSession& session,
                                                                       const delta::Snapshot& snapshot,
                                                                       const std::string& query,
                                                                       const std::stop_token& stop) {
  PIER_TRY_ASSIGN(const auto rows, session.texts(query, stop));
  std::set<std::string> names;
  for (const auto& row : rows) {
    if (row[0]) {
      names.insert(*row[0]);
    }
  }
  std::vector<std::shared_ptr<const delta::AddFile>> out;
  for (const auto& file : snapshot.files) {
    if (names.contains(file->path)) {
      out.push_back(file);
    }
  }
  return out;
}

Result<std::int64_t> count_of(EngineSession& session, const std::string& query, const std::stop_token& stop) {
  PIER_TRY_ASSIGN(const auto rows, session.texts("SELECT CAST((" + query + ") AS VARCHAR)", stop));
  std::int64_t count = 0;
  if (!rows.empty() && rows[0][0]) {
    parse_int64(*rows[0][0], count);
  }
  return count;
}

Result<void> commit_rewrite(LakeCore& core, Engine& engine, EngineSession& session, const identity::Caller& caller,
                            const TargetTable& table, const RewritePlan& plan, const std::stop_token& stop) {
  const auto& snapshot = *table.snapshot;
  const auto now = core.tables.now_millis();
  delta::WriteRequest write{.root = snapshot.root,
                            .folder = {},
                            .query = plan.survivors,
                            .columns = snapshot.columns,
                            .partition_columns = snapshot.metadata.partition_columns,
                            .now_millis = now,
                            .stop = stop};
  delta::WriteResult survivors;
  if (!plan.survivors.empty()) {
    PIER_TRY_ASSIGN(survivors, delta::write_files(session, write));
  }
  delta::WriteResult changes;
  if (!plan.changes.empty() && snapshot.property("delta.enableChangeDataFeed") == "true") {
    write.folder = "_change_data";
    write.query = plan.changes;
    write.columns.push_back({.name = "_change_type"});
    auto written = delta::write_files(session, write);
    if (!written) {
      delta::discard_files(snapshot.root, survivors.files);
      return std::move(written).error();
    }
    changes = *std::move(written);
  }
  delta::CommitRequest request{.root = snapshot.root,
                               .base = table.snapshot,
                               .operation = plan.operation,
                               .parameters = Json::object({{plan.parameters_key, plan.parameters_value}}),
                               .metrics = plan.metrics,
                               .user_name = caller.principal.name,
                               .now_millis = now};
  request.metrics["numAddedFiles"] = static_cast<std::int64_t>(survivors.files.size());
  request.metrics["numRemovedFiles"] = static_cast<std::int64_t>(plan.touched.size());
  request.metrics["numAddedChangeFiles"] = static_cast<std::int64_t>(changes.files.size());
  for (const auto& file : plan.touched) {
    request.actions.emplace_back(delta::remove_of(*file, now));
  }
  for (const auto& file : survivors.files) {
    request.actions.emplace_back(file);
  }
  for (const auto& file : changes.files) {
    request.actions.emplace_back(
        delta::CdcFile{.path = file.path, .partition_values = file.partition_values, .size = file.size});
  }
  auto version = core.tables.commit(engine, std::move(request));
  if (!version) {
    delta::discard_files(snapshot.root, survivors.files);
    delta::discard_files(snapshot.root, changes.files);
    return std::move(version).error();
  }
  return {};
}

} // namespace pier::lake

#include "core/lake/change_reader.hpp"

#include "core/lake/delta/checkpoint.hpp"
#include "core/lake/delta/scan.hpp"
#include "core/lake/exec/table_rewrite.hpp"

#include <algorithm>

namespace pier::lake {
namespace {

Error need_snapshot(std::string message) {
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER7004",
               .message = std::move(message),
               .hint = "read a snapshot instead"};
}

/// What one commit did to rows.
struct Commit {
  std::int64_t timestamp = 0;
  bool has_metadata = false;
  std::vector<std::shared_ptr<const delta::AddFile>> changes; ///< change data files
  std::vector<std::shared_ptr<const delta::AddFile>> added;
  std::vector<std::shared_ptr<const delta::AddFile>> removed;
};

Result<Commit> read_commit(const delta::Snapshot& last, std::int64_t version) {
  auto actions = delta::read_commit(last.root, version);
  if (!actions) {
    return need_snapshot("version " + std::to_string(version) + " is no longer in the table's log");
  }
  Commit out{.timestamp = delta::commit_timestamp(last.root, version, *actions)};
  for (const auto& action : *actions) {
    out.has_metadata = out.has_metadata || std::holds_alternative<delta::Metadata>(action);
    if (const auto* cdc = std::get_if<delta::CdcFile>(&action)) {
      out.changes.push_back(std::make_shared<const delta::AddFile>(
          delta::AddFile{.path = cdc->path, .partition_values = cdc->partition_values, .size = cdc->size}));
    }
    if (const auto* add = std::get_if<delta::AddFile>(&action); add != nullptr && add->data_change) {
      out.added.push_back(std::make_shared<const delta::AddFile>(*add));
    }
    if (const auto* remove = std::get_if<delta::RemoveFile>(&action); remove != nullptr && remove->data_change) {
      if (!remove->partition_values && !last.metadata.partition_columns.empty()) {
        return need_snapshot("version " + std::to_string(version) + " removes files without saying their partition");
      }
      out.removed.push_back(std::make_shared<const delta::AddFile>(
          delta::AddFile{.path = remove->path,
                         .partition_values = remove->partition_values.value_or(delta::PartitionValues{}),
                         .size = remove->size,
                         .deletion_vector = remove->deletion_vector}));
    }
  }
  return out;
}

Result<delta::ScanSql> scan(Engine& engine, const delta::Snapshot& last,
                            const std::vector<std::shared_ptr<const delta::AddFile>>& files, bool change_files) {
  for (const auto& file : files) {
    PIER_TRY_ASSIGN(const auto path, delta::data_file(last, file->path));
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) {
      return need_snapshot("the file " + std::filesystem::path(path).filename().string() + " is gone");
    }
  }
  return delta::scan_sql(engine, last, {.files = files, .with_change_type = change_files});
}

/// Rows with their _change_type; rows that a rewritten file only carried over cancel out.
Result<delta::ScanSql> changes_of(Engine& engine, const delta::Snapshot& last, const Commit& commit) {
  if (!commit.changes.empty()) {
    return scan(engine, last, commit.changes, true);
  }
  PIER_TRY_ASSIGN(auto added, scan(engine, last, commit.added, false));
  if (commit.removed.empty()) {
    added.sql = "SELECT *, 'insert' AS _change_type FROM (" + added.sql + ")";
    return added;
  }
  PIER_TRY_ASSIGN(auto removed, scan(engine, last, commit.removed, false));
  std::move(removed.keep.begin(), removed.keep.end(), std::back_inserter(added.keep));
  if (commit.added.empty()) {
    added.sql = "SELECT *, 'delete' AS _change_type FROM (" + removed.sql + ")";
    return added;
  }
  added.sql = "SELECT *, 'delete' AS _change_type FROM ((" + removed.sql + ") EXCEPT ALL (" + added.sql +
              ")) UNION ALL SELECT *, 'insert' AS _change_type FROM ((" + added.sql + ") EXCEPT ALL (" + removed.sql +
              "))";
  return added;
}

} // namespace

Result<void> read_batches(EngineSession& session, const std::string& query, std::span<const Field> fields,
                          std::span<const std::string> extra, const BatchReader& reader, std::stop_token stop) {
  std::string list;
  for (const auto& field : fields) {
    const auto name = quote_identifier(field.name);
    list += (list.empty() ? "" : ", ") + (field.type.is_nested() ? "CAST(to_json(" + name + ") AS VARCHAR)" : name);
  }
  for (const auto& expression : extra) {
    list += (list.empty() ? "" : ", ") + expression;
  }
  PIER_TRY_ASSIGN(const auto statement, session.prepare("SELECT " + list + " FROM (" + query + ")"));
  PIER_TRY_ASSIGN(const auto rows, statement->run(std::move(stop)));
  ColumnBatch batch;
  std::vector<Column> columns;
  while (true) {
    PIER_TRY_ASSIGN(const bool more, rows->next(batch));
    if (!more) {
      return {};
    }
    columns.assign(batch.columns.begin(), batch.columns.end());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].type.is_nested()) {
        columns[i].type = PhysicalType::json;
      }
    }
    PIER_TRY(reader({.columns = columns, .rows = batch.rows}));
  }
}

Result<void> read_changes(Engine& engine, const delta::Snapshot& last, std::int64_t from, const BatchReader& reader,
                          const std::stop_token& stop) {
  PIER_TRY_ASSIGN(const auto session, engine.session());
  // All commits first: nothing is handed out when one of them cannot be read.
  std::vector<Commit> commits;
  for (auto version = from; version <= last.version; ++version) {
    PIER_TRY_ASSIGN(auto commit, read_commit(last, version));
    commits.push_back(std::move(commit));
  }
  if (from > 0 && std::any_of(commits.begin(), commits.end(), [](const Commit& item) { return item.has_metadata; })) {
    PIER_TRY_ASSIGN(const auto before, delta::load_snapshot(last.root, from - 1, [&](const auto& file) {
                      return delta::read_parquet_checkpoint(engine, file);
                    }));
    if (before->columns != last.columns || before->metadata.partition_columns != last.metadata.partition_columns) {
      return need_snapshot("the table's columns changed after version " + std::to_string(from - 1));
    }
  }
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto& commit = commits[i];
    if (commit.changes.empty() && commit.added.empty() && commit.removed.empty()) {
      continue;
    }
    PIER_TRY_ASSIGN(const auto scan, changes_of(engine, last, commit));
    const auto version = from + static_cast<std::int64_t>(i);
    const std::vector<std::string> extra{"_change_type", "CAST(" + std::to_string(version) + " AS BIGINT)",
                                         "CAST(make_timestamp(" + std::to_string(commit.timestamp * 1000) +
                                             ") AS TIMESTAMPTZ)"};
    PIER_TRY(read_batches(*session, scan.sql, last.columns, extra, reader, stop));
  }
  return {};
}

} // namespace pier::lake

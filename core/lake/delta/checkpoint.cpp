#include "core/lake/delta/checkpoint.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/lake/delta/log_parser.hpp"

#include <algorithm>
#include <array>

namespace pier::lake::delta {
namespace {

constexpr std::int64_t k_tombstone_retention = 7LL * 24 * 3600 * 1000;

/// Struct members that are worth reading; *_parsed copies of them are not.
constexpr std::array<std::string_view, 8> k_kinds{"add", "remove",         "metaData", "protocol",
                                                  "txn", "domainMetadata", "sidecar",  "checkpointMetadata"};

/// The expression that gives one action kind as JSON text without parsed statistics.
std::string member_json(const EngineColumn& column) {
  std::string members;
  for (const auto& field : column.type.fields) {
    if (!field.name.ends_with("_parsed")) {
      members += (members.empty() ? "" : ", ") + quote_identifier(field.name) + " := " + quote_identifier(column.name) +
                 "." + quote_identifier(field.name);
    }
  }
  const auto name = quote_identifier(column.name);
  return "CASE WHEN " + name + " IS NOT NULL THEN to_json(struct_pack(" + quote_identifier(column.name) +
         " := struct_pack(" + members + ")))::VARCHAR END";
}

/// What a classic checkpoint's columns look like to the engine's JSON reader.
constexpr std::string_view k_columns =
    "{txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',"
    " add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT,"
    " dataChange BOOLEAN, tags MAP(VARCHAR, VARCHAR), stats VARCHAR, deletionVector STRUCT(storageType VARCHAR, "
    "pathOrInlineDv VARCHAR,"
    " \"offset\" INTEGER, sizeInBytes INTEGER, cardinality BIGINT))',"
    " remove: 'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN,"
    " partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, deletionVector STRUCT(storageType VARCHAR,"
    " pathOrInlineDv VARCHAR, \"offset\" INTEGER, sizeInBytes INTEGER, cardinality BIGINT))',"
    " metaData: 'STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR,"
    " options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[],"
    " configuration MAP(VARCHAR, VARCHAR), createdTime BIGINT)',"
    " protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[],"
    " writerFeatures VARCHAR[])',"
    " domainMetadata: 'STRUCT(domain VARCHAR, configuration VARCHAR, removed BOOLEAN)'}";

std::string lines_of(const Snapshot& snapshot, std::int64_t now_millis, std::int64_t& count) {
  std::string out;
  const auto add = [&](const Action& action) {
    out += to_line(action) + '\n';
    ++count;
  };
  add(snapshot.protocol);
  add(snapshot.metadata);
  for (const auto& [id, transaction] : snapshot.transactions) {
    add(transaction);
  }
  for (const auto& [name, domain] : snapshot.domains) {
    add(domain);
  }
  for (const auto& file : snapshot.files) {
    auto copy = *file;
    copy.data_change = false;
    add(copy);
  }
  for (const auto& tombstone : snapshot.tombstones) {
    if (tombstone->deletion_timestamp >= now_millis - k_tombstone_retention) {
      auto copy = *tombstone;
      copy.data_change = false;
      add(copy);
    }
  }
  return out;
}

} // namespace

Result<std::vector<Action>> read_parquet_checkpoint(Engine& engine, const std::filesystem::path& file) {
  PIER_TRY_ASSIGN(auto session, engine.session());
  const auto source = "read_parquet(" + quote_text(file.string()) + ", hive_partitioning = false)";
  PIER_TRY_ASSIGN(const auto probe, session->prepare("SELECT * FROM " + source));
  std::string cells;
  for (const auto& column : probe->columns()) {
    if (std::find(k_kinds.begin(), k_kinds.end(), column.name) != k_kinds.end() && column.type.is_nested()) {
      cells += (cells.empty() ? "" : ", ") + member_json(column);
    }
  }
  if (cells.empty()) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "DELTA_LOG_CORRUPT",
                 .message = file.filename().string() + " is not a checkpoint"};
  }
  PIER_TRY_ASSIGN(const auto statement, session->prepare("SELECT coalesce(" + cells + ") FROM " + source));
  PIER_TRY_ASSIGN(const auto rows, statement->run({}));
  std::vector<Action> actions;
  ColumnBatch batch;
  while (true) {
    PIER_TRY_ASSIGN(const bool more, rows->next(batch));
    if (!more) {
      return actions;
    }
    std::string lines;
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (batch.columns[0].is_valid(row)) {
        lines.append(batch.columns[0].text(row)) += '\n';
      }
    }
    PIER_TRY_ASSIGN(auto parsed, parse_actions(lines));
    std::move(parsed.begin(), parsed.end(), std::back_inserter(actions));
  }
}

Result<void> write_checkpoint(Engine& engine, const Snapshot& snapshot, std::int64_t now_millis) {
  const auto log = snapshot.root / "_delta_log";
  auto stem = commit_path(snapshot.root, snapshot.version).stem().string();
  const auto suffix = "." + random_uuid() + ".tmp";
  const auto lines_file = log / ("." + stem + ".lines" + suffix);
  const auto parquet_file = log / ("." + stem + ".parquet" + suffix);
  std::int64_t count = 0;
  auto done = write_file_atomically(lines_file, lines_of(snapshot, now_millis, count), Durability::none);
  if (done) {
    PIER_TRY_ASSIGN(auto session, engine.session());
    done = session->run(
        "COPY (SELECT * FROM read_json(" + quote_text(lines_file.string()) +
        ", format = 'newline_delimited', maximum_object_size = 268435456, columns = " + std::string(k_columns) +
        ")) TO " + quote_text(parquet_file.string()) + " (FORMAT parquet, COMPRESSION snappy)");
  }
  std::error_code ignored;
  if (done) {
    std::error_code failed;
    std::filesystem::rename(parquet_file, log / (stem + ".checkpoint.parquet"), failed);
    if (failed) {
      done = error_from_errno(failed.value(), "writing a checkpoint");
    }
  }
  std::filesystem::remove(lines_file, ignored);
  std::filesystem::remove(parquet_file, ignored);
  PIER_TRY(std::move(done));
  PIER_TRY(sync_directory(log));
  return write_file_atomically(log / "_last_checkpoint",
                               Json::object({{"version", snapshot.version}, {"size", count}}).dump());
}

} // namespace pier::lake::delta

#include "core/lake/exec/table_writer.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/lake/schema_json.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace pier::lake {
namespace {

Error mismatch(std::string message) {
  return Error{
      .kind = ErrorKind::invalid_argument, .code = "INSERT_COLUMN_ARITY_MISMATCH", .message = std::move(message)};
}

Result<void> check_columns(const std::vector<Field>& columns) {
  std::set<std::string> names;
  for (const auto& column : columns) {
    if (!names.insert(to_lower(column.name)).second) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "COLUMN_ALREADY_EXISTS",
                   .message = "The column `" + column.name +
                              "` already exists. Choose another name or rename the "
                              "existing column."};
    }
    if (column.name.find_first_of(" ,;{}()\n\t=") != std::string::npos) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES",
                   .message = "Found invalid character(s) among ' ,;{}()\\n\\t=' in the column name '" + column.name +
                              "'. Give it an alias."};
    }
    if (column.type.kind == TypeKind::interval || column.type.kind == TypeKind::null) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "UNSUPPORTED_DATATYPE",
                   .message = "The column `" + column.name + "` has the type " + column.type.to_sql() +
                              ", which a table cannot keep. Cast it."};
    }
  }
  return {};
}

/// The table's own spelling of partition columns; they must exist and be no nested ones.
Result<void> check_partitions(TableDefinition& definition) {
  for (auto& name : definition.partition_columns) {
    const auto found = std::find_if(definition.columns.begin(), definition.columns.end(),
                                    [&](const Field& field) { return equals_ignore_case(field.name, name); });
    if (found == definition.columns.end() || found->type.is_nested()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "DELTA_INVALID_PARTITION_COLUMN",
                   .message = "Cannot partition by `" + name + "`"};
    }
    name = found->name;
  }
  if (!definition.partition_columns.empty() && definition.partition_columns.size() == definition.columns.size()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "ALL_PARTITION_COLUMNS_NOT_ALLOWED",
                 .message = "Cannot use all columns for partition columns"};
  }
  return {};
}

std::string cast_list(const std::vector<Field>& columns) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    out += (i == 0 ? "" : ", ") + ("CAST(c" + std::to_string(i) + " AS " + columns[i].type.to_duckdb() + ") AS ") +
           quote_identifier(columns[i].name);
  }
  return out;
}

std::string positions(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += (i == 0 ? "c" : ", c") + std::to_string(i);
  }
  return out;
}

delta::Metadata metadata_of(const TableDefinition& definition, std::int64_t now) {
  return {.id = random_uuid(),
          .description = definition.comment,
          .schema_string = schema_string(definition.columns),
          .partition_columns = definition.partition_columns,
          .configuration = definition.properties,
          .created_time = now};
}

catalog::TableInfo info_of(const TableDefinition& definition) {
  auto properties = Json::object();
  for (const auto& [key, value] : definition.properties) {
    properties[key] = value;
  }
  return {.name = definition.name,
          .table_type = "MANAGED",
          .comment = definition.comment,
          .columns = catalog_columns(definition.columns, definition.partition_columns),
          .properties = std::move(properties)};
}

} // namespace

std::string schema_string(const std::vector<Field>& columns) {
  return fields_to_json(columns).dump();
}

delta::Protocol raised_protocol(const delta::Protocol& before, const std::vector<Field>& columns,
                                const std::map<std::string, std::string>& properties) {
  const auto wanted = delta::protocol_for(columns, properties);
  auto out = before;
  if (before.min_writer < 7 && wanted.min_writer < 7) {
    out.min_writer = std::max(before.min_writer, wanted.min_writer);
    return out;
  }
  const auto add = [](std::vector<std::string>& features, const std::string& name) {
    if (std::find(features.begin(), features.end(), name) == features.end()) {
      features.push_back(name);
    }
  };
  if (before.min_writer < 7) { // features that the old numbers stood for
    out.writer_features = {"appendOnly", "invariants"};
    if (before.min_writer >= 4) {
      for (const auto* name : {"checkConstraints", "changeDataFeed", "generatedColumns"}) {
        add(out.writer_features, name);
      }
    }
    out.min_writer = 7;
  }
  for (const auto& name : wanted.writer_features) {
    add(out.writer_features, name);
  }
  const auto feed = properties.find("delta.enableChangeDataFeed");
  if (feed != properties.end() && feed->second == "true") {
    add(out.writer_features, "changeDataFeed");
  }
  if (wanted.min_reader >= 3) {
    out.min_reader = 3;
    for (const auto& name : wanted.reader_features) {
      add(out.reader_features, name);
    }
  }
  return out;
}

Result<void> check_properties(const std::map<std::string, std::string>& properties) {
  constexpr std::array<std::string_view, 9> k_kept{"delta.enableChangeDataFeed",
                                                   "delta.appendOnly",
                                                   "delta.logRetentionDuration",
                                                   "delta.deletedFileRetentionDuration",
                                                   "delta.autoOptimize.optimizeWrite",
                                                   "delta.autoOptimize.autoCompact",
                                                   "delta.dataSkippingNumIndexedCols",
                                                   "delta.minReaderVersion",
                                                   "delta.minWriterVersion"};
  for (const auto& [key, value] : properties) {
    const bool is_off = value == "false" || value == "none";
    if (key.starts_with("delta.") && !is_off && std::find(k_kept.begin(), k_kept.end(), key) == k_kept.end()) {
      return Error{.kind = ErrorKind::unsupported,
                   .code = "UNSUPPORTED_FEATURE",
                   .message = "the table property " + key + " is not offered by the local workspace"};
    }
  }
  return {};
}

delta::CommitRequest TableWriter::commit_request(const std::filesystem::path& root, std::string operation) const {
  return {.root = root,
          .operation = std::move(operation),
          .user_name = caller_.principal.name,
          .now_millis = core_.tables.now_millis()};
}

/// Columns from the query where none are given; and the query with every column cast to its type.
Result<void> TableWriter::complete(TableDefinition& definition, const std::string& query, std::string& cast_query) {
  PIER_TRY(check_properties(definition.properties));
  if (!query.empty()) {
    PIER_TRY_ASSIGN(const auto prepared, session_.prepare(query));
    for (const auto& column : prepared->columns()) {
      definition.columns.push_back({.name = column.name, .type = column.type});
    }
    cast_query = "SELECT " + cast_list(definition.columns) + " FROM (" + query + ") AS pier_source(" +
                 positions(definition.columns.size()) + ")";
  }
  if (definition.columns.empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "DELTA_EMPTY_SCHEMA",
                 .message = "A table needs columns: write them in brackets or add AS SELECT"};
  }
  PIER_TRY(check_columns(definition.columns));
  return check_partitions(definition);
}

Result<delta::WriteResult> TableWriter::write(const std::filesystem::path& root, const TableDefinition& definition,
                                              const std::string& cast_query) {
  if (cast_query.empty()) {
    return delta::WriteResult{};
  }
  return delta::write_files(session_, {.root = root,
                                       .folder = {},
                                       .query = cast_query,
                                       .columns = definition.columns,
                                       .partition_columns = definition.partition_columns,
                                       .now_millis = core_.tables.now_millis(),
                                       .stop = stop_});
}

Result<void> TableWriter::create(TableDefinition definition, const std::string& query) {
  std::string cast_query;
  PIER_TRY(complete(definition, query, cast_query));
  auto info = info_of(definition);
  info.table_id = random_uuid();
  const bool managed = definition.location.empty();
  const auto root = managed ? core_.options.root / "tables" / info.table_id : definition.location;
  info.storage_location = root.string();
  if (!managed) {
    info.table_type = "EXTERNAL";
    std::error_code failed;
    if (std::filesystem::exists(root / "_delta_log", failed)) {
      return Error{.kind = ErrorKind::unsupported,
                   .code = "UNSUPPORTED_FEATURE",
                   .message = "a table over a Delta table that is already there is not offered by the local workspace"};
    }
  }
  PIER_TRY_ASSIGN(auto written, write(root, definition, cast_query));
  rows_ = written.rows;
  auto request = commit_request(root, query.empty() ? "CREATE TABLE" : "CREATE TABLE AS SELECT");
  request.blind_append = true;
  request.metrics = {{"numFiles", static_cast<std::int64_t>(written.files.size())},
                     {"numOutputRows", written.rows},
                     {"numOutputBytes", written.bytes}};
  request.actions.emplace_back(delta::protocol_for(definition.columns, definition.properties));
  request.actions.emplace_back(metadata_of(definition, request.now_millis));
  for (const auto& file : written.files) {
    request.actions.emplace_back(file);
  }
  Result<void> done;
  if (auto version = core_.tables.commit(engine_, std::move(request)); !version) {
    done = std::move(version).error();
  } else if (auto made = core_.catalog.create_table(caller_, std::move(info)); !made) {
    done = std::move(made).error();
  }
  if (!done) {
    if (managed) {
      [[maybe_unused]] const auto ignored = remove_tree(root);
    } else {
      delta::discard_files(root, written.files);
    }
  }
  return done;
}

Result<void> TableWriter::replace(const catalog::TableInfo& existing, TableDefinition definition,
                                  const std::string& query) {
  PIER_TRY(core_.catalog.require(caller_, "MODIFY",
                                 {.type = catalog::SecurableType::table, .full_name = existing.name.to_string()}));
  if (existing.table_type == "VIEW" ||
      (!definition.location.empty() && definition.location != existing.storage_location)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "EXPECT_TABLE_NOT_VIEW",
                 .message = "`" + existing.name.to_string() + "` cannot be replaced by this table"};
  }
  std::string cast_query;
  PIER_TRY(complete(definition, query, cast_query));
  const std::filesystem::path root = existing.storage_location;
  const auto lock = core_.tables.writing(root);
  PIER_TRY_ASSIGN(const auto snapshot, core_.tables.latest(engine_, root));
  PIER_TRY(delta::check_writable(*snapshot));
  PIER_TRY_ASSIGN(auto written, write(root, definition, cast_query));
  rows_ = written.rows;
  auto request = commit_request(root, query.empty() ? "CREATE OR REPLACE TABLE" : "CREATE OR REPLACE TABLE AS SELECT");
  request.base = snapshot;
  request.metrics = {{"numFiles", static_cast<std::int64_t>(written.files.size())},
                     {"numOutputRows", written.rows},
                     {"numOutputBytes", written.bytes},
                     {"numRemovedFiles", static_cast<std::int64_t>(snapshot->files.size())}};
  if (auto protocol = raised_protocol(snapshot->protocol, definition.columns, definition.properties);
      protocol != snapshot->protocol) {
    request.actions.emplace_back(std::move(protocol));
  }
  auto metadata = metadata_of(definition, snapshot->metadata.created_time);
  metadata.id = snapshot->metadata.id;
  request.actions.emplace_back(std::move(metadata));
  for (const auto& file : snapshot->files) {
    request.actions.emplace_back(delta::remove_of(*file, request.now_millis));
  }
  for (const auto& file : written.files) {
    request.actions.emplace_back(file);
  }
  if (auto version = core_.tables.commit(engine_, std::move(request)); !version) {
    delta::discard_files(root, written.files);
    return std::move(version).error();
  }
  auto info = info_of(definition);
  PIER_TRY(core_.catalog.update_columns(existing.name, std::move(info.columns)));
  catalog::TableUpdate change{.properties = std::move(info.properties)};
  if (!definition.comment.empty()) {
    change.comment = definition.comment;
  }
  if (auto updated = core_.catalog.update_table(caller_, existing.name, change);
      !updated && updated.error().kind != ErrorKind::permission_denied) {
    return std::move(updated).error();
  }
  return {};
}

Result<std::string> TableWriter::cast_to_table(const delta::Snapshot& snapshot, const std::string& query,
                                               const std::vector<std::string>& query_columns) {
  PIER_TRY_ASSIGN(const auto prepared, session_.prepare(query));
  const auto count = prepared->columns().size();
  const auto expected = query_columns.empty() ? snapshot.columns.size() : query_columns.size();
  if (count != expected) {
    return mismatch("Cannot write to the table: the number of data columns (" + std::to_string(count) +
                    ") does not match the number of table columns (" + std::to_string(expected) + ")");
  }
  std::string values;
  std::set<std::string> used;
  for (std::size_t i = 0; i < snapshot.columns.size(); ++i) {
    const auto& column = snapshot.columns[i];
    auto source = i;
    if (!query_columns.empty()) {
      const auto found = std::find_if(query_columns.begin(), query_columns.end(),
                                      [&](const std::string& name) { return equals_ignore_case(name, column.name); });
      source = static_cast<std::size_t>(found - query_columns.begin());
    }
    if (source < count) {
      used.insert(column.name);
    }
    values += (i == 0 ? "" : ", ") + (source < count ? "CAST(c" + std::to_string(source) : std::string("CAST(NULL")) +
              " AS " + column.type.to_duckdb() + ") AS " + quote_identifier(column.name);
  }
  if (used.size() != count) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                 .message = "the column list names a column that the table does not have, or one twice"};
  }
  return "SELECT " + values + " FROM (" + query + ") AS pier_source(" + positions(count) + ")";
}

Result<std::int64_t> TableWriter::append(const catalog::TableInfo& table, const std::string& query,
                                         const std::vector<std::string>& query_columns, bool overwrite) {
  const std::filesystem::path root = table.storage_location;
  std::unique_lock<std::mutex> lock;
  if (overwrite) {
    lock = core_.tables.writing(root);
  }
  PIER_TRY_ASSIGN(const auto snapshot, core_.tables.latest(engine_, root));
  PIER_TRY(delta::check_writable(*snapshot));
  if (overwrite && snapshot->property("delta.appendOnly") == "true") {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "DELTA_CANNOT_MODIFY_APPEND_ONLY",
                 .message = "This table is configured to only allow appends"};
  }
  PIER_TRY_ASSIGN(const auto cast_query, cast_to_table(*snapshot, query, query_columns));
  const TableDefinition definition{.columns = snapshot->columns,
                                   .partition_columns = snapshot->metadata.partition_columns};
  PIER_TRY_ASSIGN(auto written, write(root, definition, cast_query));
  rows_ = written.rows;
  auto request = commit_request(root, "WRITE");
  request.base = snapshot;
  request.blind_append = !overwrite;
  request.parameters = Json::object({{"mode", overwrite ? "Overwrite" : "Append"}, {"partitionBy", "[]"}});
  request.metrics = {{"numFiles", static_cast<std::int64_t>(written.files.size())},
                     {"numOutputRows", written.rows},
                     {"numOutputBytes", written.bytes}};
  if (overwrite) {
    for (const auto& file : snapshot->files) {
      request.actions.emplace_back(delta::remove_of(*file, request.now_millis));
    }
  }
  for (const auto& file : written.files) {
    request.actions.emplace_back(file);
  }
  auto version = core_.tables.commit(engine_, std::move(request));
  if (!version) {
    delta::discard_files(root, written.files);
  }
  return version;
}

} // namespace pier::lake

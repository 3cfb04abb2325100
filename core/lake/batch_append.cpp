#include "core/lake/batch_append.hpp"

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/lake/exec/table_writer.hpp"

#include <algorithm>

namespace pier::lake {
namespace {

constexpr int k_max_attempts = 5;

/// A text cell as the column's type.
std::string cell_value(const Field& field, std::size_t index) {
  const auto name = "c" + std::to_string(index);
  if (field.type.kind == TypeKind::string || field.type.kind == TypeKind::binary) {
    return name;
  }
  if (field.type.is_nested()) {
    return "CAST(CAST(" + name + " AS JSON) AS " + field.type.to_duckdb() + ")";
  }
  return "CAST(" + name + " AS " + field.type.to_duckdb() + ")";
}

/// The rows in a temporary table, gone with this object.
class BatchTable {
 public:
  static Result<BatchTable> load(EngineSession& session, const RowBatch& rows) {
    BatchTable table(session, "pier_batch_" + hex(random_uuid()));
    std::string columns;
    std::vector<DataType> types;
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      const bool binary = rows.columns[i].type.kind == TypeKind::binary;
      columns += (i == 0 ? "c" : ", c") + std::to_string(i) + (binary ? " BLOB" : " VARCHAR");
      types.push_back({.kind = binary ? TypeKind::binary : TypeKind::string});
    }
    PIER_TRY(session.run("CREATE TEMP TABLE " + table.name_ + " (" + columns + ")"));
    PIER_TRY(session.append_texts(table.name_, types, rows.cells));
    return table;
  }

  BatchTable(BatchTable&& other) noexcept
      : session_(other.session_),
        name_(std::exchange(other.name_, {})) {}

  BatchTable& operator=(BatchTable&&) = delete;

  ~BatchTable() {
    if (!name_.empty()) {
      [[maybe_unused]] const auto ignored = session_.run("DROP TABLE IF EXISTS " + name_);
    }
  }

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  BatchTable(EngineSession& session, std::string name)
      : session_(session),
        name_(std::move(name)) {}

  static std::string hex(std::string text) {
    std::erase(text, '-');
    return text;
  }

  EngineSession& session_;
  std::string name_;
};

/// Columns of the table after the batch came: new ones at the end.
std::vector<Field> merged_columns(const delta::Snapshot& snapshot, const RowBatch& rows) {
  auto columns = snapshot.columns;
  for (const auto& field : rows.columns) {
    if (snapshot.column(field.name) == nullptr) {
      auto added = field;
      added.nullable = true;
      columns.push_back(std::move(added));
    }
  }
  return columns;
}

std::string batch_query(const std::vector<Field>& columns, const RowBatch& rows, const std::string& table) {
  std::string values;
  for (const auto& field : columns) {
    const auto found = std::find_if(rows.columns.begin(), rows.columns.end(),
                                    [&](const Field& given) { return equals_ignore_case(given.name, field.name); });
    const auto index = static_cast<std::size_t>(found - rows.columns.begin());
    values +=
        (values.empty() ? "" : ", ") +
        (found == rows.columns.end() ? "CAST(NULL AS " + field.type.to_duckdb() + ")" : cell_value(field, index)) +
        " AS " + quote_identifier(field.name);
  }
  return "SELECT " + values + " FROM " + table;
}

struct Attempt {
  LakeCore& core;
  Engine& engine;
  EngineSession& session;
  const identity::Caller& caller;
  const RowBatch& rows;
  const std::optional<AppTransaction>& transaction;
  const std::string& batch_table;

  Result<std::int64_t> run(const std::filesystem::path& root, const model::TableName& name) const {
    PIER_TRY_ASSIGN(const auto snapshot, core.tables.latest(engine, root));
    PIER_TRY(delta::check_writable(*snapshot));
    if (transaction) {
      const auto known = snapshot->transactions.find(transaction->app_id);
      if (known != snapshot->transactions.end() && known->second.version >= transaction->version) {
        return snapshot->version;
      }
    }
    const auto now = core.tables.now_millis();
    const auto columns = merged_columns(*snapshot, rows);
    delta::CommitRequest request{.root = root,
                                 .base = snapshot,
                                 .operation = "WRITE",
                                 .parameters = Json::object({{"mode", "Append"}, {"partitionBy", "[]"}}),
                                 .user_name = caller.principal.name,
                                 .blind_append = true,
                                 .now_millis = now};
    const bool widened = columns.size() != snapshot->columns.size();
    if (widened) {
      auto metadata = snapshot->metadata;
      metadata.schema_string = schema_string(columns);
      if (auto protocol = raised_protocol(snapshot->protocol, columns, metadata.configuration);
          protocol != snapshot->protocol) {
        request.actions.emplace_back(std::move(protocol));
      }
      request.actions.emplace_back(std::move(metadata));
      request.blind_append = false;
    }
    PIER_TRY_ASSIGN(auto written,
                    delta::write_files(session, {.root = root,
                                                 .folder = {},
                                                 .query = batch_query(columns, rows, batch_table),
                                                 .columns = columns,
                                                 .partition_columns = snapshot->metadata.partition_columns,
                                                 .now_millis = now,
                                                 .stop = {}}));
    request.metrics = {{"numFiles", static_cast<std::int64_t>(written.files.size())},
                       {"numOutputRows", written.rows},
                       {"numOutputBytes", written.bytes}};
    if (transaction) {
      request.actions.emplace_back(
          delta::Transaction{.app_id = transaction->app_id, .version = transaction->version, .last_updated = now});
    }
    for (const auto& file : written.files) {
      request.actions.emplace_back(file);
    }
    auto version = core.tables.commit(engine, std::move(request));
    if (!version) {
      delta::discard_files(root, written.files);
    } else if (widened) {
      PIER_TRY(core.catalog.update_columns(name, catalog_columns(columns, snapshot->metadata.partition_columns)));
    }
    return version;
  }
};

} // namespace

Result<std::int64_t> append_batch(LakeCore& core, const identity::Caller& caller, const model::TableName& table,
                                  const RowBatch& rows, const std::optional<AppTransaction>& transaction) {
  if (rows.columns.empty() || rows.cells.size() % rows.columns.size() != 0) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER7005",
                 .message = "a batch of " + std::to_string(rows.cells.size()) + " cells does not fit " +
                            std::to_string(rows.columns.size()) + " columns"};
  }
  PIER_TRY_ASSIGN(auto engine, core.engines.get());
  PIER_TRY_ASSIGN(auto session, engine->session());
  auto info = core.catalog.table(table);
  if (!info) {
    if (info.error().kind != ErrorKind::not_found) {
      return std::move(info).error();
    }
    TableWriter writer(core, *engine, *session, caller, {});
    PIER_TRY(writer.create({.name = table, .columns = rows.columns}, ""));
    info = core.catalog.table(table);
    PIER_TRY(info);
  }
  if (!core.is_internal(info->storage_location)) {
    session = nullptr;
    PIER_TRY_ASSIGN(engine, core.engine_for(info->storage_location));
    PIER_TRY_ASSIGN(session, engine->session());
  }
  PIER_TRY_ASSIGN(const auto batch, BatchTable::load(*session, rows));
  const Attempt attempt{core, *engine, *session, caller, rows, transaction, batch.name()};
  for (int i = 1;; ++i) {
    auto version = attempt.run(info->storage_location, table);
    if (version || version.error().kind != ErrorKind::conflict || i == k_max_attempts) {
      return version;
    }
  }
}

} // namespace pier::lake

#include "core/lake/lake.hpp"

#include "core/lake/batch_append.hpp"
#include "core/lake/change_reader.hpp"
#include "core/lake/delta/scan.hpp"
#include "core/lake/exec/statement_run.hpp"
#include "core/lake/lake_core.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace pier::lake {
namespace {

class LakeImpl final : public Lake {
 public:
  LakeImpl(LakeOptions options, catalog::Catalog& catalog, const Clock& clock)
      : core_(std::move(options), catalog, clock) {}

  Result<StatementResult> execute(const StatementRequest& request) override {
    StatementRun run(core_, request);
    auto result = run.run();
    if (!result && result.error().code == "INTERNAL_ERROR") {
      core_.engines.discard(); // a fatal error leaves an engine that refuses everything
    }
    return result;
  }

  Result<std::int64_t> latest_version(const model::TableName& table) override {
    PIER_TRY_ASSIGN(const auto opened, open(table, std::nullopt));
    return opened.snapshot->version;
  }

  Result<TableSchema> schema(const model::TableName& table, std::int64_t version) override {
    PIER_TRY_ASSIGN(const auto opened, open(table, version));
    return TableSchema{.columns = opened.snapshot->columns,
                       .partition_columns = opened.snapshot->metadata.partition_columns,
                       .properties = opened.snapshot->metadata.configuration};
  }

  Result<void> read_snapshot(const model::TableName& table, std::int64_t version, const BatchReader& reader,
                             std::span<const std::string> columns, std::stop_token stop) override {
    PIER_TRY_ASSIGN(const auto opened, open(table, version));
    PIER_TRY_ASSIGN(const auto scan, delta::scan_sql(*opened.engine, *opened.snapshot));
    PIER_TRY_ASSIGN(const auto session, opened.engine->session());
    std::vector<Field> fields;
    for (const auto& field : opened.snapshot->columns) {
      if (columns.empty()) {
        fields.push_back(field);
      }
    }
    for (const auto& name : columns) {
      const auto* field = opened.snapshot->column(name);
      if (field == nullptr) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = "PIER7002",
                     .message = "table " + table.to_string() + " has no column '" + name + "'"};
      }
      fields.push_back(*field);
    }
    return read_batches(*session, scan.sql, fields, {}, reader, std::move(stop));
  }

  Result<void> read_changes(const model::TableName& table, std::int64_t from, std::int64_t to,
                            const BatchReader& reader, const ChangeOptions& options) override {
    PIER_TRY_ASSIGN(const auto opened, open(table, to));
    return lake::read_changes(*opened.engine, *opened.snapshot, from, reader, options.stop);
  }

  Result<std::int64_t> append(const identity::Caller& caller, const model::TableName& table, const RowBatch& rows,
                              const std::optional<AppTransaction>& transaction) override {
    return append_batch(core_, caller, table, rows, transaction);
  }

  Result<std::optional<std::int64_t>> app_transaction(const model::TableName& table, std::string_view app_id) override {
    auto opened = open(table, std::nullopt);
    if (!opened && opened.error().kind == ErrorKind::not_found) {
      return std::optional<std::int64_t>();
    }
    PIER_TRY(opened);
    const auto& transactions = opened->snapshot->transactions;
    const auto found = transactions.find(std::string(app_id));
    return found == transactions.end() ? std::nullopt : std::optional(found->second.version);
  }

  Result<std::int64_t> wait_for_version_above(const model::TableName& table, std::int64_t version,
                                              std::chrono::milliseconds timeout, std::stop_token stop) override {
    constexpr std::chrono::milliseconds k_poll{500}; // commits of other processes are seen by looking
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
      const auto seen = core_.tables.commits();
      PIER_TRY_ASSIGN(const auto now, latest_version(table));
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (now > version || left.count() <= 0 || stop.stop_requested()) {
        return now;
      }
      core_.tables.wait_for_commit(seen, std::min(left, k_poll), stop);
    }
  }

 private:
  struct Opened {
    std::shared_ptr<Engine> engine;
    std::shared_ptr<const delta::Snapshot> snapshot;
  };

  Result<Opened> open(const model::TableName& table, std::optional<std::int64_t> version) {
    PIER_TRY_ASSIGN(const auto info, core_.catalog.table(table));
    if (info.table_type == "VIEW" || info.storage_location.empty()) {
      return Error{
          .kind = ErrorKind::invalid_argument, .code = "PIER7003", .message = table.to_string() + " is no Delta table"};
    }
    Opened out;
    PIER_TRY_ASSIGN(out.engine, core_.engine_for(info.storage_location));
    PIER_TRY_ASSIGN(out.snapshot, version ? core_.tables.at(*out.engine, info.storage_location, *version)
                                          : core_.tables.latest(*out.engine, info.storage_location));
    return out;
  }

  LakeCore core_;
};

} // namespace

bool TableSchema::change_data_feed() const {
  const auto found = properties.find("delta.enableChangeDataFeed");
  return found != properties.end() && found->second == "true";
}

Result<std::unique_ptr<Lake>> Lake::open(LakeOptions options, catalog::Catalog& catalog, const Clock& clock) {
  // Links on the way to the folders would make the engine's list of allowed folders miss them.
  PIER_TRY(make_directories(options.root, 0700));
  PIER_TRY(make_directories(options.volumes_root, 0700));
  return std::unique_ptr<Lake>(std::make_unique<LakeImpl>(std::move(options), catalog, clock));
}

} // namespace pier::lake

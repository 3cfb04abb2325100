#include "core/sync/copy_encoder.hpp"
#include "core/sync/copy_fan_out.hpp"
#include "core/sync/database_template.hpp"
#include "core/sync/table_sync.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace pier::sync {
namespace {

using lakebase::PgConnection;
using lakebase::quote_identifier;

constexpr std::size_t k_buffer = 1024 * 1024;

// The staging table may be lost by a crash, so nothing waits for the disk until the swap, whose commit brings
// everything before it there, too.
constexpr std::string_view k_no_wait = "SET synchronous_commit = off";
constexpr std::string_view k_wait = "SET synchronous_commit = on";
constexpr std::string_view k_no_wait_option = " options='-c synchronous_commit=off'";

/// Rows of the staging table by batches into the senders.
Result<CopyEncoder> load(lake::Lake& lake, const SyncJob& job, const ColumnMap& columns, std::int64_t version,
                         const std::string& staging) {
  PIER_TRY_ASSIGN(auto senders,
                  CopyFanOut::start(job.conninfo + std::string(k_no_wait_option),
                                    "COPY " + staging + " (" + columns.names() + ") FROM STDIN (FORMAT binary)",
                                    job.connections, job.stop));
  CopyEncoder encoder(columns);
  std::string buffer;
  buffer.reserve(k_buffer + k_buffer / 4);
  const auto encode = [&](const lake::ColumnBatch& batch) -> Result<void> {
    PIER_TRY(encoder.append(buffer, batch));
    return buffer.size() >= k_buffer ? senders->push(buffer) : Result<void>();
  };
  PIER_TRY(lake.read_snapshot(job.source, version, encode, {}, job.stop));
  if (!buffer.empty()) {
    PIER_TRY(senders->push(buffer));
  }
  PIER_TRY_ASSIGN(const auto arrived, senders->finish());
  if (arrived != encoder.rows()) {
    return Error{.kind = ErrorKind::internal,
                 .code = "PIER8107",
                 .message =
                     std::to_string(encoder.rows()) + " rows were sent, but " + std::to_string(arrived) + " arrived"};
  }
  return encoder;
}

/// With a time-series key only the newest row of each key stays.
Result<std::int64_t> keep_newest(PgConnection& connection, const SyncJob& job, const ColumnMap& columns,
                                 const std::string& staging) {
  return connection.change("DELETE FROM " + staging +
                           " WHERE ctid IN (SELECT ctid FROM (SELECT ctid, row_number() OVER "
                           "(PARTITION BY " +
                           columns.key_names() + " ORDER BY " + quote_identifier(job.timeseries_key) +
                           " DESC NULLS LAST) AS place FROM " + staging + ") ranked WHERE place > 1)");
}

/// "Key (id)=(3) is duplicated." → the key.
Error explain_duplicate(const Error& error, const SyncJob& job) {
  if (lakebase::sql_state(error) != "23505") {
    return error;
  }
  const auto begin = error.message.find("Key ");
  const auto end = error.message.find(" is duplicated");
  const auto key = begin != std::string::npos && end != std::string::npos
                       ? error.message.substr(begin + 4, end - begin - 4)
                       : error.message;
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER8108",
               .message = "the source " + job.source.to_string() + " has more than one row with the key " + key,
               .hint = "choose other primary_key_columns, or name the column that decides which row is newer in "
                       "timeseries_key"};
}

} // namespace

Result<SyncOutcome> sync_snapshot(lake::Lake& lake, const SyncJob& job, std::int64_t version) {
  PIER_TRY_ASSIGN(const auto schema, lake.schema(job.source, version));
  PIER_TRY_ASSIGN(const auto columns, ColumnMap::make(schema.columns, job.key_columns));
  PIER_TRY_ASSIGN(auto connection, PgConnection::connect(job.conninfo));
  const lakebase::CancelOnStop cancel(connection, job.stop);
  PIER_TRY(install_template(connection));
  PIER_TRY(ensure_schema(connection, job.target, job.may_create_schema));

  const auto staging_name = "sync_" + job.id;
  const auto staging = "pier." + quote_identifier(staging_name);
  PIER_TRY(connection.execute(std::string(k_no_wait)));
  PIER_TRY(connection.execute("DROP TABLE IF EXISTS " + staging)); // of a run that was killed
  PIER_TRY(connection.execute("CREATE TABLE " + staging + " (" + columns.definitions() + ")"));
  SyncOutcome outcome{.version = version, .snapshot = true};
  const auto run = [&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto encoder, load(lake, job, columns, version, staging));
    outcome.changed = encoder.rows();
    outcome.skipped = encoder.skipped();
    outcome.rows = encoder.rows();
    if (!job.timeseries_key.empty()) {
      PIER_TRY_ASSIGN(const auto dropped, keep_newest(connection, job, columns, staging));
      outcome.rows -= dropped;
    }
    auto keyed =
        connection.execute("ALTER TABLE " + staging + " ADD CONSTRAINT " + quote_identifier(staging_name + "_key") +
                           " PRIMARY KEY (" + columns.key_names() + ")");
    if (!keyed) {
      return explain_duplicate(keyed.error(), job);
    }
    PIER_TRY(connection.execute("ANALYZE " + staging));
    PIER_TRY(connection.execute(std::string(k_wait)));
    return in_transaction(connection, [&]() -> Result<void> {
      PIER_TRY(replace_table(connection, job.target, columns, staging_name));
      return write_sync_state(connection, job.target, {.version = version, .rows = outcome.rows});
    });
  };
  if (auto done = run(); !done) {
    [[maybe_unused]] const auto ignored = connection.execute("DROP TABLE IF EXISTS " + staging);
    return std::move(done).error();
  }
  return outcome;
}

} // namespace pier::sync

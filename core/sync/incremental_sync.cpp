#include "core/sync/copy_encoder.hpp"
#include "core/sync/database_template.hpp"
#include "core/sync/table_sync.hpp"

#include "core/base/log.hpp"

#include <algorithm>

namespace pier::sync {
namespace {

using lakebase::PgConnection;
using lakebase::quote_identifier;

constexpr std::size_t k_buffer = 1024 * 1024;
constexpr std::int64_t k_always_incremental = 10'000; ///< changes that never call for a snapshot
constexpr std::int16_t k_delete = 0;
constexpr std::int16_t k_upsert = 1;

/// A change set may be given up for a snapshot; that is no failure.
struct GivenUp {
  bool yes = false;
};

/// Copies the changes into the temporary table pier_changes (the columns, pier_op, pier_version).
class ChangeLoader {
 public:
  ChangeLoader(PgConnection& connection, const ColumnMap& columns, std::int64_t limit)
      : connection_(connection),
        columns_(columns),
        encoder_(columns),
        limit_(limit) {}

  Result<void> begin() {
    PIER_TRY(connection_.execute("CREATE TEMP TABLE pier_changes (" + columns_.definitions() +
                                 ", pier_op smallint, pier_version bigint) ON COMMIT DROP"));
    PIER_TRY(connection_.begin_copy("COPY pier_changes FROM STDIN (FORMAT binary)"));
    copying_ = true;
    return connection_.put_copy(copy_header());
  }

  Result<void> add(const lake::ColumnBatch& batch) {
    const auto& types = batch.columns[columns_.fields.size()];
    const auto* versions = batch.columns[columns_.fields.size() + 1].values<std::int64_t>();
    for (std::size_t row = 0; row < batch.rows; ++row) {
      const auto type = types.text(row);
      // The old image of an update deletes its key, so that a changed key leaves nothing behind.
      const bool removes = type == "delete" || type == "update_preimage";
      PIER_TRY(encoder_.append_row(buffer_, batch, row,
                                   {.operation = removes ? k_delete : k_upsert, .version = versions[row]}));
    }
    if (encoder_.rows() > limit_) {
      given_up_ = true;
      return Error{.kind = ErrorKind::interrupted, .code = "PIER8107", .message = "too many changes"};
    }
    return buffer_.size() >= k_buffer ? flush() : Result<void>();
  }

  Result<void> end() {
    PIER_TRY(flush());
    PIER_TRY(connection_.put_copy(copy_trailer()));
    copying_ = false;
    PIER_TRY(connection_.end_copy());
    return connection_.execute("ANALYZE pier_changes");
  }

  void abort() {
    if (copying_) {
      copying_ = false;
      connection_.abort_copy("given up by pier");
    }
  }

  [[nodiscard]] bool given_up() const { return given_up_; }

  [[nodiscard]] std::int64_t skipped() const { return encoder_.skipped(); }

 private:
  Result<void> flush() {
    PIER_TRY(connection_.put_copy(buffer_));
    buffer_.clear();
    return {};
  }

  PgConnection& connection_;
  const ColumnMap& columns_;
  CopyEncoder encoder_;
  std::int64_t limit_;
  std::string buffer_;
  bool copying_ = false;
  bool given_up_ = false;
};

std::string key_match(const ColumnMap& columns, const std::string& left, const std::string& right) {
  std::string out;
  for (const auto position : columns.key_columns) {
    const auto name = quote_identifier(columns.fields[position].name);
    out += (out.empty() ? "" : " AND ") + left + "." + name + " = " + right + "." + name;
  }
  return out;
}

Result<void> refuse_duplicates(PgConnection& connection, const SyncJob& job, const ColumnMap& columns) {
  PIER_TRY_ASSIGN(const auto rows,
                  connection.query("SELECT row(" + columns.key_names() +
                                   ")::text FROM pier_changes WHERE pier_op = 1 "
                                   "GROUP BY " +
                                   columns.key_names() + ", pier_version HAVING count(*) > 1 LIMIT 1"));
  if (rows.empty()) {
    return {};
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER8108",
               .message =
                   "the source " + job.source.to_string() + " has more than one row with the key " + rows.text(0, 0),
               .hint = "choose other primary_key_columns, or name the column that decides which row is newer in "
                       "timeseries_key"};
}

/// The last change of each key, deletes first, then the rest as upserts (facts: lake.md 4: the fastest way).
Result<SyncOutcome> apply(PgConnection& connection, const SyncJob& job, const ColumnMap& columns) {
  const auto keys = columns.key_names();
  std::string order = "pier_version DESC, pier_op DESC";
  if (!job.timeseries_key.empty()) {
    order += ", " + quote_identifier(job.timeseries_key) + " DESC NULLS LAST";
  } else {
    PIER_TRY(refuse_duplicates(connection, job, columns));
  }
  PIER_TRY(connection.execute("CREATE TEMP TABLE pier_last ON COMMIT DROP AS SELECT DISTINCT ON (" + keys +
                              ") * FROM "
                              "pier_changes ORDER BY " +
                              keys + ", " + order));
  PIER_TRY(connection.execute("ANALYZE pier_last"));
  const auto target = job.target.quoted();
  PIER_TRY_ASSIGN(const auto deleted,
                  connection.change("DELETE FROM " + target + " t USING pier_last c WHERE c.pier_op = 0 AND " +
                                    key_match(columns, "t", "c")));
  std::string assignments;
  for (std::size_t i = 0; i < columns.fields.size(); ++i) {
    if (!columns.is_key(i)) {
      const auto name = quote_identifier(columns.fields[i].name);
      assignments += (assignments.empty() ? "" : ", ") + name + " = excluded." + name;
    }
  }
  std::string conflict = assignments.empty() ? " DO NOTHING" : " DO UPDATE SET " + assignments;
  if (!job.timeseries_key.empty() && !assignments.empty()) {
    const auto series = quote_identifier(job.timeseries_key);
    conflict += " WHERE t." + series + " IS NULL OR excluded." + series + " >= t." + series;
  }
  // xmax = 0: the row is new.
  PIER_TRY_ASSIGN(const auto counts,
                  connection.query("WITH done AS (INSERT INTO " + target + " AS t (" + columns.names() + ") SELECT " +
                                   columns.names() + " FROM pier_last WHERE pier_op = 1 ON CONFLICT (" + keys + ")" +
                                   conflict +
                                   " RETURNING (xmax = 0) AS fresh) SELECT count(*) FILTER (WHERE fresh), "
                                   "count(*) FROM done"));
  const auto inserted = std::stoll(counts.text(0, 0));
  return SyncOutcome{.rows = inserted - deleted, .changed = std::stoll(counts.text(0, 1)) + deleted};
}

bool same_columns(const lake::TableSchema& a, const lake::TableSchema& b) {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    [](const auto& x, const auto& y) { return x.name == y.name && x.type == y.type; });
}

Result<SyncOutcome> run_changes(lake::Lake& lake, const SyncJob& job, PgConnection& connection,
                                const ColumnMap& columns, const SyncState& from, std::int64_t version,
                                GivenUp& given_up) {
  const auto limit =
      std::max(k_always_incremental, static_cast<std::int64_t>(static_cast<double>(from.rows) * job.incremental_limit));
  SyncOutcome outcome;
  auto done = in_transaction(connection, [&]() -> Result<void> {
    ChangeLoader loader(connection, columns, limit);
    PIER_TRY(loader.begin());
    lake::ChangeOptions options{.key_columns = job.key_columns, .stop = job.stop};
    auto read = lake.read_changes(
        job.source, from.version + 1, version, [&](const lake::ColumnBatch& batch) { return loader.add(batch); },
        options);
    if (!read) {
      loader.abort();
      given_up.yes = loader.given_up() || read.error().kind == ErrorKind::invalid_state;
      return read;
    }
    PIER_TRY(loader.end());
    PIER_TRY_ASSIGN(outcome, apply(connection, job, columns));
    outcome.skipped = loader.skipped();
    outcome.version = version;
    outcome.rows += from.rows;
    // Only from the version that the changes begin at: a second worker would find no row.
    PIER_TRY_ASSIGN(
        const auto moved,
        connection.change("UPDATE pier.sync_state SET version = $3::bigint, row_count = $4::bigint, synced_at "
                          "= clock_timestamp() WHERE schema_name = $1 AND table_name = $2 AND version = "
                          "$5::bigint",
                          {job.target.schema, job.target.table, std::to_string(version), std::to_string(outcome.rows),
                           std::to_string(from.version)}));
    if (moved != 1) {
      return Error{.kind = ErrorKind::conflict,
                   .code = "PIER8107",
                   .message = "another worker moved " + job.target.table + " in the meantime"};
    }
    return {};
  });
  if (!done) {
    return std::move(done).error();
  }
  return outcome;
}

} // namespace

Result<SyncOutcome> sync_incremental(lake::Lake& lake, const SyncJob& job, std::int64_t version) {
  PIER_TRY_ASSIGN(auto connection, PgConnection::connect(job.conninfo));
  const lakebase::CancelOnStop cancel(connection, job.stop);
  PIER_TRY(install_template(connection));
  PIER_TRY_ASSIGN(const auto state, read_sync_state(connection, job.target));
  if (!state || state->version > version) {
    return sync_snapshot(lake, job, version);
  }
  if (state->version == version) {
    return SyncOutcome{.version = version, .rows = state->rows};
  }
  PIER_TRY_ASSIGN(const auto now, lake.schema(job.source, version));
  const auto before = lake.schema(job.source, state->version);
  if (!before || !same_columns(*before, now)) {
    return sync_snapshot(lake, job, version);
  }
  PIER_TRY_ASSIGN(const auto columns, ColumnMap::make(now.columns, job.key_columns));
  GivenUp given_up;
  auto outcome = run_changes(lake, job, connection, columns, *state, version, given_up);
  if (!outcome && given_up.yes && !job.stop.stop_requested()) {
    log::info("sync", "event=snapshot_instead table=" + job.target.table + " reason=" + outcome.error().message);
    return sync_snapshot(lake, job, version);
  }
  return outcome;
}

} // namespace pier::sync

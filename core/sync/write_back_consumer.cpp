#include "core/sync/write_back_consumer.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/sync/database_template.hpp"

#include <algorithm>
#include <limits>

namespace pier::sync {
namespace {

using lakebase::PgConnection;
using lakebase::quote_literal;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t k_max_rows = 50'000; ///< waiting rows that are written without further delay
constexpr milliseconds k_drain_limit{5'000};
constexpr milliseconds k_first_pause{250};
constexpr milliseconds k_longest_pause{5'000};   ///< a server that crashed is back within that
constexpr milliseconds k_status_interval{5'000}; ///< the server gives up on silent receivers after 60 s

struct PendingTables {
  bool any = false;
  std::vector<std::string> not_started; ///< oids
};

Result<PendingTables> look_for_tables(PgConnection& sql) {
  PIER_TRY_ASSIGN(
      const auto rows,
      sql.query("SELECT w.relid, w.started FROM pier.write_back_tables w JOIN pg_class c ON c.oid = w.relid"));
  PendingTables out{.any = !rows.empty()};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.text(row, 1) != "t") {
      out.not_started.push_back(rows.text(row, 0));
    }
  }
  return out;
}

Result<std::string> slot_name(PgConnection& sql) {
  PIER_TRY_ASSIGN(const auto rows, sql.query("SELECT pier.slot_name()"));
  return rows.text(0, 0);
}

/// Whether the slot is gone. A transaction that is joining the write-back may have put its rows behind the slot
/// already (pier.on_ddl holds the lock shared): then the slot stays until that one has ended.
Result<bool> drop_slot(PgConnection& sql, const std::string& slot) {
  PIER_TRY_ASSIGN(const auto there, sql.query("SELECT 1 FROM pg_replication_slots WHERE slot_name = $1", {slot}));
  if (there.empty()) {
    return true;
  }
  PIER_TRY_ASSIGN(const auto locked, sql.query("SELECT pg_try_advisory_lock(pier.slot_lock())"));
  if (locked.text(0, 0) != "t") {
    return false;
  }
  const auto dropped =
      sql.query("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", {slot});
  PIER_TRY(sql.query("SELECT pg_advisory_unlock(pier.slot_lock())"));
  PIER_TRY(dropped);
  return true;
}

/// The slot. One that the server gave up on (max_slot_wal_keep_size) is made anew: the tables' rows are sent again
/// from the start.
Result<void> ensure_slot(PgConnection& sql, const std::string& slot, const std::stop_token& stop) {
  const lakebase::CancelOnStop cancel(sql, stop); // the making of a slot waits for open transactions
  PIER_TRY_ASSIGN(const auto there,
                  sql.query("SELECT wal_status = 'lost' FROM pg_replication_slots WHERE slot_name = $1", {slot}));
  if (!there.empty() && there.text(0, 0) != "t") {
    return {};
  }
  if (!there.empty()) {
    log::warn("sync", "event=slot_lost slot=" + slot);
    PIER_TRY_ASSIGN(const bool gone, drop_slot(sql, slot));
    if (!gone) {
      return Error{.kind = ErrorKind::unavailable,
                   .code = "PIER8111",
                   .message = "the lost replication slot is in use by a transaction that changes tables"};
    }
  }
  PIER_TRY(sql.execute("UPDATE pier.write_back_tables SET started = false"));
  PIER_TRY(sql.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", {slot}));
  return {};
}

/// Those that joined while there was no slot, or none that was ready.
Result<void> start_tables(PgConnection& sql, const std::stop_token& stop) {
  const lakebase::CancelOnStop cancel(sql, stop); // it waits for whoever writes to the table
  PIER_TRY_ASSIGN(const auto tables, look_for_tables(sql));
  for (const auto& table : tables.not_started) {
    PIER_TRY(sql.query("SELECT pier.start_table($1::oid)", {table}).context("starting the write-back of " + table));
  }
  return {};
}

int left(Steady::time_point until) {
  const auto span = std::chrono::duration_cast<milliseconds>(until - Steady::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(span, 0, 60'000));
}

} // namespace

/// One replication connection.
class WriteBackConsumer::Stream {
 public:
  Stream(WriteBackConsumer& owner, PgConnection& sql, PgConnection replication)
      : owner_(owner),
        sql_(sql),
        replication_(std::move(replication)),
        batch_({.start_of = [this](std::uint32_t relation) { return start_of(relation); },
                .done_until = [this](const PgRelation& relation) { return owner_.done_until(relation); }}) {}

  /// Until a stop; then everything that is committed by then is taken, too.
  Result<void> run(const std::stop_token& stop, const StopSignal& signal) {
    while (!stop.stop_requested()) {
      PIER_TRY(start_new_tables(stop));
      PIER_TRY(step(signal.fd(), Steady::now() + k_status_interval));
    }
    return drain();
  }

 private:
  /// Takes what is there, writes what is due, and waits for more until `deadline` at most.
  Result<void> step(int stop_fd, Steady::time_point deadline) {
    PIER_TRY_ASSIGN(const bool more, take());
    if (!batch_.ready().empty()) {
      const auto due = due_at();
      if (Steady::now() >= due || batch_.ready_rows() >= k_max_rows) {
        PIER_TRY(flush());
      } else {
        deadline = std::min(deadline, due);
      }
    }
    PIER_TRY(confirm(false));
    if (!more) {
      wait_readable({replication_.socket(), sql_.socket(), stop_fd},
                    left(std::min(deadline, last_status_ + k_status_interval)));
    }
    return {};
  }

  Result<void> start_new_tables(const std::stop_token& stop) {
    PIER_TRY_ASSIGN(const auto heard, sql_.notifications());
    return heard.empty() ? Result<void>() : start_tables(sql_, stop);
  }

  /// Up to a batch of messages; true when there may be more.
  Result<bool> take() {
    for (int i = 0; i < 1'000; ++i) {
      PIER_TRY_ASSIGN(const auto bytes, replication_.read_copy());
      if (!bytes) {
        return false;
      }
      PIER_TRY_ASSIGN(const auto message, parse_replication_message(*bytes));
      if (const auto* alive = std::get_if<KeepAlive>(&message)) {
        // Every transaction that ended before this place has been sent.
        received_ = std::max(received_, alive->end);
        must_answer_ = must_answer_ || alive->wants_reply;
        continue;
      }
      PIER_TRY_ASSIGN(const auto change, parse_pgoutput(std::get<XLogData>(message).payload));
      const bool was_empty = batch_.ready().empty();
      PIER_TRY_ASSIGN(const bool committed, batch_.add(change));
      if (committed) {
        received_ = std::max(received_, batch_.complete_until());
        if (was_empty && !batch_.ready().empty()) {
          first_ready_ = Steady::now();
        }
      }
    }
    return true;
  }

  [[nodiscard]] Steady::time_point due_at() const {
    return std::max(first_ready_ + owner_.target_.delay, last_flush_ + owner_.target_.interval);
  }

  Result<void> flush() {
    PIER_TRY(owner_.write(batch_.ready()));
    batch_.clear_ready();
    last_flush_ = Steady::now();
    return {};
  }

  /// Only what is in the lake is confirmed, and never the middle of a transaction.
  Result<void> confirm(bool wants_reply) {
    if (batch_.ready().empty() && !batch_.in_transaction()) {
      safe_ = std::max(safe_, received_);
    }
    if (safe_ == confirmed_ && !must_answer_ && !wants_reply && Steady::now() < last_status_ + k_status_interval) {
      return {};
    }
    PIER_TRY(replication_.write_copy(status_update(std::max(received_, safe_), safe_, wants_reply)));
    confirmed_ = safe_;
    must_answer_ = false;
    last_status_ = Steady::now();
    return {};
  }

  Result<void> drain() {
    const auto deadline = Steady::now() + k_drain_limit;
    PIER_TRY_ASSIGN(const auto rows, sql_.query("SELECT pg_current_wal_flush_lsn()"));
    PIER_TRY_ASSIGN(const auto end, parse_lsn(rows.text(0, 0)));
    PIER_TRY(confirm(true));
    while (received_ < end && Steady::now() < deadline) {
      PIER_TRY_ASSIGN(const bool more, take());
      if (!more && received_ < end) {
        wait_readable({replication_.socket()}, std::min(left(deadline), 50));
        PIER_TRY(confirm(true));
      }
    }
    PIER_TRY(flush());
    PIER_TRY(confirm(false));
    owner_.drained_ = received_ >= end;
    replication_.end_replication();
    return {};
  }

  Result<Lsn> start_of(std::uint32_t relation) {
    if (const auto known = starts_.find(relation); known != starts_.end()) {
      return known->second;
    }
    PIER_TRY_ASSIGN(const auto rows,
                    sql_.query("SELECT start_lsn, started FROM pier.write_back_tables WHERE relid = $1::oid",
                               {std::to_string(relation)}));
    if (!rows.empty() && rows.text(0, 1) != "t") {
      return std::numeric_limits<Lsn>::max(); // its start is still to come and brings what is there by then
    }
    Lsn start = 0; // a table that is gone by now has no row: all of its changes count
    if (!rows.empty()) {
      PIER_TRY_ASSIGN(start, parse_lsn(rows.text(0, 0)));
    }
    starts_.emplace(relation, start);
    return start;
  }

  WriteBackConsumer& owner_;
  PgConnection& sql_;
  PgConnection replication_;
  ChangeBatch batch_;
  std::map<std::uint32_t, Lsn> starts_;
  Lsn received_ = 0;  ///< every transaction up to here has been read
  Lsn safe_ = 0;      ///< … and is in the lake
  Lsn confirmed_ = 0; ///< … and the server knows
  bool must_answer_ = false;
  Steady::time_point first_ready_;
  Steady::time_point last_flush_;
  Steady::time_point last_status_ = Steady::now();
};

WriteBackConsumer::WriteBackConsumer(WriteBackTarget target, lake::Lake& lake)
    : target_(std::move(target)),
      lake_(lake),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

WriteBackConsumer::~WriteBackConsumer() {
  stop();
}

void WriteBackConsumer::stop() {
  thread_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void WriteBackConsumer::run(const std::stop_token& stop) {
  const StopSignal signal(stop);
  milliseconds pause = k_first_pause;
  while (!stop.stop_requested() && !ended_) {
    const auto begin = Steady::now();
    const auto done = session(stop, signal);
    if (done) {
      continue;
    }
    log::warn("sync", "event=write_back_failed database=" + target_.database + " error=" + done.error().to_string());
    set_state("FAILED", done.error().to_string());
    // A session that worked for a while begins again soon.
    pause = Steady::now() - begin > milliseconds(60'000) ? k_first_pause : std::min(pause * 2, k_longest_pause);
    wait_readable({signal.fd()}, static_cast<int>(pause.count()));
  }
}

Result<void> WriteBackConsumer::session(const std::stop_token& stop, const StopSignal& signal) {
  PIER_TRY_ASSIGN(auto sql, PgConnection::connect(target_.conninfo));
  PIER_TRY(install_template(sql));
  PIER_TRY(sql.execute("LISTEN pier_write_back"));
  PIER_TRY_ASSIGN(const auto slot, slot_name(sql));
  PIER_TRY_ASSIGN(auto tables, look_for_tables(sql));
  while (!tables.any) {
    PIER_TRY(drop_slot(sql, slot)); // else it would keep the log for nobody
    drained_ = true;
    if (!target_.permanent) {
      ended_ = true;
      return {};
    }
    // A notification may have come along with the answers above: then the socket is silent.
    PIER_TRY_ASSIGN(const auto heard, sql.notifications());
    if (heard.empty()) {
      wait_readable({sql.socket(), signal.fd()}, -1);
    }
    if (stop.stop_requested()) {
      return {};
    }
    PIER_TRY_ASSIGN(tables, look_for_tables(sql));
  }
  drained_ = false;
  target_.on_streaming();
  PIER_TRY(ensure_slot(sql, slot, stop));
  PIER_TRY(start_tables(sql, stop));
  PIER_TRY_ASSIGN(auto replication,
                  PgConnection::connect(target_.conninfo +
                                        " replication=database options='-c datestyle=ISO -c timezone=UTC -c "
                                        "intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1'"));
  PIER_TRY(
      replication.begin_replication("START_REPLICATION SLOT " + slot +
                                    " LOGICAL 0/0 (proto_version '1', publication_names 'pier_write_back', messages "
                                    "'true')"));
  set_state("STREAMING", "");
  done_until_.clear();
  return Stream(*this, sql, std::move(replication)).run(stop, signal);
}

Result<void> WriteBackConsumer::write(std::vector<HistoryRows>& batches) {
  for (auto& batch : batches) {
    PIER_TRY(write_one(batch).context("writing back " + batch.schema + "." + batch.table));
  }
  return {};
}

Result<void> WriteBackConsumer::write_one(HistoryRows& batch) {
  PIER_TRY_ASSIGN(const auto name, target_.history_name(batch));
  PIER_TRY_ASSIGN(const auto owner, target_.owner());
  PIER_TRY(lake_.append(
      owner, name, batch.rows,
      lake::AppTransaction{.app_id = app_id(batch.relation), .version = static_cast<std::int64_t>(batch.last_commit)}));
  const auto now = std::chrono::system_clock::now();
  auto status = status_.lock();
  auto& entry = (*status)[batch.relation];
  entry.instance = target_.instance;
  entry.database = target_.database;
  entry.schema = batch.schema;
  entry.table = batch.table;
  entry.history_table = name.to_string();
  entry.state = "STREAMING";
  entry.message.clear();
  entry.rows += static_cast<std::int64_t>(batch.rows.rows());
  entry.committed = batch.last_commit;
  entry.committed_at = to_epoch_millis(now);
  entry.latency_millis = to_epoch_millis(now) - batch.last_commit_micros / 1'000;
  return {};
}

Result<Lsn> WriteBackConsumer::done_until(const PgRelation& relation) {
  if (const auto known = done_until_.find(relation.id); known != done_until_.end()) {
    return known->second;
  }
  HistoryRows probe{.relation = relation.id, .schema = relation.schema, .table = relation.table};
  PIER_TRY_ASSIGN(const auto name, target_.history_name(probe));
  PIER_TRY_ASSIGN(const auto version, lake_.app_transaction(name, app_id(relation.id)));
  const auto done = static_cast<Lsn>(version.value_or(0));
  done_until_.emplace(relation.id, done);
  return done;
}

std::string WriteBackConsumer::app_id(std::uint32_t relation) const {
  return "pier-cdf/" + target_.cluster_id + "/" + target_.database + "/" + std::to_string(relation);
}

void WriteBackConsumer::set_state(const std::string& state, const std::string& message) {
  auto status = status_.lock();
  for (auto& [relation, entry] : *status) {
    entry.state = state;
    entry.message = message;
  }
}

std::vector<WriteBackStatus> WriteBackConsumer::status() {
  std::vector<WriteBackStatus> out;
  auto status = status_.lock();
  for (const auto& [relation, entry] : *status) {
    out.push_back(entry);
  }
  return out;
}

} // namespace pier::sync

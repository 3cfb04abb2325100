#pragma once

#include "core/base/guarded.hpp"
#include "core/base/result.hpp"
#include "core/base/stop_signal.hpp"
#include "core/lake/lake.hpp"
#include "core/lakebase/pg_connection.hpp"
#include "core/model/table_name.hpp"
#include "core/sync/change_batch.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace pier::sync {

/// Where a database's changes go and how fast.
struct WriteBackTarget {
  std::string instance;
  std::string cluster_id; ///< of the instance: log positions mean nothing in another one
  std::string database;
  std::string conninfo;                                                     ///< of the system role
  std::function<Result<model::TableName>(const HistoryRows&)> history_name; ///< makes the schema if needed
  std::function<Result<identity::Caller>()> owner;                          ///< of the history tables
  std::function<void()> on_streaming;        ///< there is something that must not be lost
  bool permanent = true;                     ///< else it ends when the database has no table to write back
  std::chrono::milliseconds delay{200};      ///< after a commit, so that neighbours share a Delta commit
  std::chrono::milliseconds interval{1'000}; ///< between two Delta commits of one database
};

/// How one table is doing.
struct WriteBackStatus {
  std::string instance;
  std::string database;
  std::string schema;
  std::string table;
  std::string history_table; ///< "main.app.lb_decisions_history"; empty before the first row
  std::string state;         ///< STREAMING, FAILED
  std::string message;
  std::int64_t rows = 0;            ///< written by this daemon
  Lsn committed = 0;                ///< commit position of the newest row in the lake
  std::int64_t committed_at = 0;    ///< when, epoch milliseconds
  std::int64_t latency_millis = -1; ///< from PostgreSQL's commit to Delta's; of the newest batch
};

/// Reads one database's logical stream and appends whole transactions to history tables, exactly once: each
/// Delta commit carries the commit position as `txn`, the server hears of it only afterwards, and after a
/// crash what is in the lake already is left out. Owns its thread; ends it in the destructor after it has
/// taken everything that was committed until then (at most 5 s).
class WriteBackConsumer {
 public:
  WriteBackConsumer(WriteBackTarget target, lake::Lake& lake);
  ~WriteBackConsumer();
  WriteBackConsumer(const WriteBackConsumer&) = delete;
  WriteBackConsumer& operator=(const WriteBackConsumer&) = delete;

  [[nodiscard]] std::vector<WriteBackStatus> status();

  /// It ended by itself: nothing to write back in this database.
  [[nodiscard]] bool ended() const { return ended_; }

  /// Everything committed in PostgreSQL was in the lake when it ended. Valid after stop().
  [[nodiscard]] bool drained() const { return drained_; }

  void stop();

 private:
  class Stream;

  void run(const std::stop_token& stop);
  Result<void> session(const std::stop_token& stop, const StopSignal& signal);
  Result<void> write(std::vector<HistoryRows>& batches);
  Result<void> write_one(HistoryRows& batch);
  Result<Lsn> done_until(const PgRelation& relation);
  [[nodiscard]] std::string app_id(std::uint32_t relation) const;
  void set_state(const std::string& state, const std::string& message);

  WriteBackTarget target_;
  lake::Lake& lake_;
  Guarded<std::map<std::uint32_t, WriteBackStatus>> status_;
  std::map<std::uint32_t, Lsn> done_until_; ///< by relation; only the consumer's thread
  std::atomic<bool> ended_ = false;
  std::atomic<bool> drained_ = false;
  std::jthread thread_;
};

} // namespace pier::sync

#pragma once

#include "core/base/result.hpp"
#include "core/lake/lake.hpp"
#include "core/sync/pgoutput.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pier::sync {

/// Rows of one history table that wait for their Delta commit.
struct HistoryRows {
  std::uint32_t relation = 0;
  std::string schema;
  std::string table; ///< in PostgreSQL
  lake::RowBatch rows;
  Lsn last_commit = 0;
  std::int64_t last_commit_micros = 0; ///< since 1970
};

/// Turns the messages of the stream into rows of history tables `lb_<table>_history`: the columns of the table,
/// then _pg_change_type, _pg_lsn (of the commit), _pg_xid, _timestamp (of the commit), _sort_by (text that
/// sorts in the order of commits and changes). Whole transactions only: rows become visible in `ready` at the
/// transaction's commit.
class ChangeBatch {
 public:
  /// start_of: the log position where a relation's stream begins, 0 when it is not known (everything counts);
  /// done_until: the commit position that a relation's history table already has.
  struct Filter {
    std::function<Result<Lsn>(std::uint32_t relation)> start_of;
    std::function<Result<Lsn>(const PgRelation&)> done_until;
  };

  explicit ChangeBatch(Filter filter)
      : filter_(std::move(filter)) {}

  /// True after a commit message.
  Result<bool> add(const PgOutputMessage& message);

  /// Rows of complete transactions, by relation; take them after their Delta commits.
  [[nodiscard]] std::vector<HistoryRows>& ready() { return ready_; }

  [[nodiscard]] std::size_t ready_rows() const { return ready_rows_; }

  /// End of the last complete transaction: may be confirmed once `ready` is written.
  [[nodiscard]] Lsn complete_until() const { return complete_until_; }

  [[nodiscard]] bool in_transaction() const { return in_transaction_; }

  void clear_ready();

 private:
  struct OpenRows {
    PgRelation relation;
    lake::RowBatch rows;
  };

  Result<OpenRows*> open_rows(std::uint32_t relation);
  Result<void> add_row(std::uint32_t relation, std::string_view change, const PgTuple& row,
                       const PgTuple* old = nullptr);
  Result<void> add_truncates(const TruncateMessage& message);
  Result<void> add_logical(const LogicalMessage& message);
  Result<void> add_snapshot_row(const LogicalMessage& message);
  void commit(const CommitMessage& message);

  Filter filter_;
  std::map<std::uint32_t, PgRelation> relations_;
  std::map<std::uint32_t, OpenRows> open_; ///< of the transaction that is being read
  std::map<std::uint32_t, bool> skips_;    ///< relations to leave out in this transaction
  std::vector<HistoryRows> ready_;
  std::size_t ready_rows_ = 0;
  BeginMessage begin_;
  std::uint32_t sequence_ = 0;
  bool in_transaction_ = false;
  Lsn complete_until_ = 0;
};

/// "lb_decisions_history"
std::string history_table_name(std::string_view table);
/// Columns of a history table: those of the relation, then the five of the change.
std::vector<lake::Field> history_columns(const PgRelation& relation);

} // namespace pier::sync

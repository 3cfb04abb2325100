#pragma once

#include "core/base/result.hpp"
#include "core/lakebase/pg_connection.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace pier::sync {

/// Sends buffers of whole rows into one table over several connections at once, each with its own COPY: the server's
/// one thread per connection is the limit of a load (facts: lake.md 3). push blocks while the senders are behind.
class CopyFanOut {
 public:
  /// copy_sql: "COPY t (…) FROM STDIN (FORMAT binary)".
  static Result<std::unique_ptr<CopyFanOut>> start(const std::string& conninfo, const std::string& copy_sql,
                                                   int connections, const std::stop_token& stop);
  ~CopyFanOut();
  CopyFanOut(const CopyFanOut&) = delete;
  CopyFanOut& operator=(const CopyFanOut&) = delete;

  /// Error when a sender failed. The buffer comes back empty, with its capacity.
  Result<void> push(std::string& buffer);
  /// Ends all COPYs; the rows that arrived.
  Result<std::int64_t> finish();

 private:
  explicit CopyFanOut(std::vector<lakebase::PgConnection> connections, std::stop_token stop);
  void send(lakebase::PgConnection& connection);
  Result<std::int64_t> send_all(lakebase::PgConnection& connection);
  std::optional<std::string> next();
  void fail(Error error);

  static constexpr std::size_t k_max_waiting = 4;

  std::vector<lakebase::PgConnection> connections_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> waiting_;
  std::vector<std::string> spare_;
  bool ended_ = false;
  std::optional<Error> failure_;
  std::int64_t rows_ = 0;
  std::vector<std::jthread> senders_; ///< last: they use the rest
};

} // namespace pier::sync

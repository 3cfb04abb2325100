#include "core/sync/copy_fan_out.hpp"

#include "core/sync/copy_encoder.hpp"

namespace pier::sync {

using lakebase::PgConnection;

Result<std::unique_ptr<CopyFanOut>> CopyFanOut::start(const std::string& conninfo, const std::string& copy_sql,
                                                      int connections, const std::stop_token& stop) {
  std::vector<PgConnection> open;
  for (int i = 0; i < connections; ++i) {
    PIER_TRY_ASSIGN(auto connection, PgConnection::connect(conninfo));
    PIER_TRY(connection.begin_copy(copy_sql));
    PIER_TRY(connection.put_copy(copy_header()));
    open.push_back(std::move(connection));
  }
  return std::unique_ptr<CopyFanOut>(new CopyFanOut(std::move(open), stop));
}

CopyFanOut::CopyFanOut(std::vector<PgConnection> connections, std::stop_token stop)
    : connections_(std::move(connections)),
      stop_(std::move(stop)) {
  for (auto& connection : connections_) {
    senders_.emplace_back([this, &connection] { send(connection); });
  }
}

CopyFanOut::~CopyFanOut() {
  fail(Error{.kind = ErrorKind::interrupted, .code = "PIER8107", .message = "the load was given up"});
}

Result<void> CopyFanOut::push(std::string& buffer) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop_, [this] { return waiting_.size() < k_max_waiting || failure_; });
  if (failure_) {
    return *failure_;
  }
  if (stop_.stop_requested()) {
    return Error{.kind = ErrorKind::interrupted, .code = "PIER8107", .message = "the load was stopped"};
  }
  waiting_.push_back(std::move(buffer));
  buffer.clear();
  if (!spare_.empty()) {
    buffer = std::move(spare_.back());
    spare_.pop_back();
  }
  changed_.notify_all();
  return {};
}

Result<std::int64_t> CopyFanOut::finish() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  senders_.clear(); // joins
  if (failure_) {
    return *failure_;
  }
  return rows_;
}

std::optional<std::string> CopyFanOut::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop_, [this] { return !waiting_.empty() || ended_ || failure_; });
  if (failure_ || waiting_.empty()) {
    return std::nullopt;
  }
  auto buffer = std::move(waiting_.front());
  waiting_.pop_front();
  changed_.notify_all();
  return buffer;
}

void CopyFanOut::send(PgConnection& connection) {
  const lakebase::CancelOnStop cancel(connection, stop_);
  const auto rows = send_all(connection);
  if (!rows) {
    fail(rows.error());
    return;
  }
  const std::lock_guard lock(mutex_);
  rows_ += *rows;
}

Result<std::int64_t> CopyFanOut::send_all(PgConnection& connection) {
  while (auto buffer = next()) {
    if (const auto sent = connection.put_copy(*buffer); !sent) {
      // The server's own reason is better than "broken pipe".
      const auto ended = connection.end_copy();
      return ended ? sent.error() : ended.error();
    }
    buffer->clear();
    const std::lock_guard lock(mutex_);
    spare_.push_back(*std::move(buffer));
  }
  bool complete = false;
  {
    const std::lock_guard lock(mutex_);
    complete = ended_ && !failure_ && !stop_.stop_requested();
  }
  if (!complete) {
    connection.abort_copy("given up by pier");
    return std::int64_t{0};
  }
  PIER_TRY(connection.put_copy(copy_trailer()));
  return connection.end_copy();
}

void CopyFanOut::fail(Error error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) {
      failure_ = std::move(error);
    }
  }
  changed_.notify_all();
}

} // namespace pier::sync

#pragma once

#include "core/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lakebase {

/// Rows as texts; no value is NULL.
class PgRows {
 public:
  PgRows(std::size_t columns, std::vector<std::optional<std::string>> cells)
      : columns_(columns),
        cells_(std::move(cells)) {}

  [[nodiscard]] std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }

  [[nodiscard]] bool empty() const { return size() == 0; }

  [[nodiscard]] std::size_t columns() const { return columns_; }

  [[nodiscard]] const std::optional<std::string>& cell(std::size_t row, std::size_t column) const {
    return cells_.at(row * columns_ + column);
  }

  [[nodiscard]] std::string text(std::size_t row, std::size_t column) const { return cell(row, column).value_or(""); }

 private:
  std::size_t columns_;
  std::vector<std::optional<std::string>> cells_;
};

/// One connection to PostgreSQL (libpq). Not thread-safe, except cancel(). Server errors come back as Error
/// with the SQLSTATE in front of the message: "23505: duplicate key …".
class PgConnection {
 public:
  static Result<PgConnection> connect(const std::string& conninfo);

  PgConnection(PgConnection&&) noexcept;
  PgConnection& operator=(PgConnection&&) noexcept;
  ~PgConnection();

  /// One or more statements without parameters; rows are dropped.
  Result<void> execute(const std::string& sql);
  /// One statement with $1 … as texts.
  Result<PgRows> query(const std::string& sql, const std::vector<std::optional<std::string>>& arguments = {});
  /// Like query; returns the number of rows it touched.
  Result<std::int64_t> change(const std::string& sql, const std::vector<std::optional<std::string>>& arguments = {});

  /// COPY … FROM STDIN: begin, put as often as needed, then end (rows) or abort.
  Result<void> begin_copy(const std::string& sql);
  Result<void> put_copy(std::string_view bytes);
  Result<std::int64_t> end_copy();
  void abort_copy(const std::string& reason);

  /// Enters COPY BOTH (START_REPLICATION). Then read_copy gives messages, write_copy sends feedback.
  Result<void> begin_replication(const std::string& sql);
  /// The next message; nothing when none is there now. Error when the stream has ended.
  Result<std::optional<std::string>> read_copy();
  Result<void> write_copy(std::string_view bytes);
  void end_replication(); ///< sends CopyDone; the connection is closed afterwards

  /// Takes what the server sent (LISTEN); the payloads of notifications that came.
  Result<std::vector<std::string>> notifications();

  [[nodiscard]] int socket() const;
  [[nodiscard]] int server_version() const; ///< 150020
  [[nodiscard]] bool ok() const;
  /// Asks the server to stop the running statement; from any thread.
  void cancel() const;

 private:
  struct Impl;
  explicit PgConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// While this lives a stop cancels the connection's statement.
class CancelOnStop {
 public:
  CancelOnStop(const PgConnection& connection, const std::stop_token& stop)
      : callback_(stop, Cancel{&connection}) {}

 private:
  struct Cancel {
    const PgConnection* connection;

    void operator()() const { connection->cancel(); }
  };

  std::stop_callback<Cancel> callback_;
};

std::string quote_identifier(std::string_view name); ///< always in double quotes
std::string quote_literal(std::string_view text);    ///< also right with backslashes
/// A value of a libpq connection string, in single quotes.
std::string quote_conninfo(std::string_view value);
/// "23505" of "23505: …"; empty if it is no server error.
std::string sql_state(const Error& error);

} // namespace pier::lakebase

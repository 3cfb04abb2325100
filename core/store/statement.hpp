#pragma once

#include "core/base/result.hpp"
#include "core/store/database.hpp"

#include <memory>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace pier::store {

/// The error behind SQLite's last result code on this connection.
Error error_of(sqlite3* connection, std::string_view doing);

/// One prepared statement; private to this room.
class Statement {
 public:
  /// Exactly one statement; more text behind it is a bug of the caller (internal).
  static Result<Statement> prepare(sqlite3* connection, std::string_view sql);

  /// Binds, runs to the end and resets, whatever happens.
  Result<Rows> run(const std::vector<Value>& arguments);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  Statement(sqlite3* connection, sqlite3_stmt* statement)
      : connection_(connection),
        statement_(statement) {}

  Result<void> bind(const std::vector<Value>& arguments);
  Result<Rows> step_all();

  sqlite3* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

} // namespace pier::store

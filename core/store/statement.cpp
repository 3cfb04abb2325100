#include "core/store/statement.hpp"

#include "core/base/text.hpp"

#include <sqlite3.h>

#include <limits>

namespace pier::store {
namespace {

std::string describe(sqlite3* connection, std::string_view doing) {
  return std::string(doing) + ": " + ::sqlite3_errmsg(connection);
}

Error constraint_error(sqlite3* connection, std::string_view doing) {
  const int extended = ::sqlite3_extended_errcode(connection);
  const bool taken = extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
                     extended == SQLITE_CONSTRAINT_ROWID;
  return Error{.kind = taken ? ErrorKind::already_exists : ErrorKind::invalid_argument,
               .code = "PIER0304",
               .message = describe(connection, doing)};
}

Value value_of(sqlite3_stmt* statement, int column) {
  switch (::sqlite3_column_type(statement, column)) {
  case SQLITE_NULL: return nullptr;
  case SQLITE_INTEGER: return std::int64_t{::sqlite3_column_int64(statement, column)};
  case SQLITE_FLOAT: return ::sqlite3_column_double(statement, column);
  default: break;
  }
  // The pointer must be asked for before the length (SQLite converts on demand).
  const void* bytes = ::sqlite3_column_blob(statement, column);
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement, column));
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::nullptr_t) const { return ::sqlite3_bind_null(statement, index); }

  int operator()(std::int64_t value) const { return ::sqlite3_bind_int64(statement, index, value); }

  int operator()(double value) const { return ::sqlite3_bind_double(statement, index, value); }

  // The arguments outlive the run, so SQLite need not copy (a null destructor is SQLITE_STATIC).
  int operator()(const std::string& value) const {
    return ::sqlite3_bind_text64(statement, index, value.data(), value.size(), nullptr, SQLITE_UTF8);
  }
};

} // namespace

Error error_of(sqlite3* connection, std::string_view doing) {
  switch (::sqlite3_errcode(connection)) {
  case SQLITE_CONSTRAINT: return constraint_error(connection, doing);
  case SQLITE_FULL:
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0103",
                 .message = std::string(doing) + ": no space left on device",
                 .hint = "free some space; nothing was half-written"};
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0303",
                 .message = describe(connection, doing),
                 .hint = "restore workspace.db from a copy, or run `pier local reset`"};
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return Error{.kind = ErrorKind::conflict,
                 .code = "PIER0305",
                 .message = describe(connection, doing),
                 .hint = "close the other program that has workspace.db open"};
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
  case SQLITE_READONLY:
  case SQLITE_PERM: return Error{.kind = ErrorKind::io, .code = "PIER0301", .message = describe(connection, doing)};
  default: return Error{.kind = ErrorKind::internal, .code = "PIER0301", .message = describe(connection, doing)};
  }
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  ::sqlite3_finalize(statement);
}

Result<Statement> Statement::prepare(sqlite3* connection, std::string_view sql) {
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return Error{.kind = ErrorKind::too_large, .code = "PIER0301", .message = "a statement is too long"};
  }
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = ::sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &raw, &tail);
  Statement statement(connection, raw);
  if (code != SQLITE_OK) {
    return error_of(connection, "cannot prepare a statement");
  }
  const auto rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  if (raw == nullptr || !trim(rest).empty()) {
    return Error{.kind = ErrorKind::internal,
                 .code = "PIER0301",
                 .message = "exactly one statement is expected: " + std::string(sql.substr(0, 80))};
  }
  return statement;
}

Result<Rows> Statement::run(const std::vector<Value>& arguments) {
  auto bound = bind(arguments);
  auto rows = bound ? step_all() : Result<Rows>(std::move(bound).error());
  ::sqlite3_reset(statement_.get());
  ::sqlite3_clear_bindings(statement_.get());
  return rows;
}

Result<void> Statement::bind(const std::vector<Value>& arguments) {
  const int wanted = ::sqlite3_bind_parameter_count(statement_.get());
  if (arguments.size() != static_cast<std::size_t>(wanted)) {
    return Error{.kind = ErrorKind::internal,
                 .code = "PIER0301",
                 .message = "a statement needs " + std::to_string(wanted) + " arguments and gets " +
                            std::to_string(arguments.size())};
  }
  int index = 0;
  for (const auto& argument : arguments) {
    ++index;
    if (std::visit(Binder{statement_.get(), index}, argument) != SQLITE_OK) {
      return error_of(connection_, "cannot bind an argument");
    }
  }
  return {};
}

Result<Rows> Statement::step_all() {
  Rows rows;
  while (true) {
    const int code = ::sqlite3_step(statement_.get());
    if (code == SQLITE_DONE) {
      return rows;
    }
    if (code != SQLITE_ROW) {
      return error_of(connection_, "cannot run a statement");
    }
    const int columns = ::sqlite3_column_count(statement_.get());
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      values.push_back(value_of(statement_.get(), column));
    }
    rows.emplace_back(std::move(values));
  }
}

} // namespace pier::store

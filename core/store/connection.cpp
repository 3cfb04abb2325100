#include "core/store/connection.hpp"

#include <sqlite3.h>

namespace pier::store {

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, int flags) {
  constexpr int k_busy_milliseconds = 5000;
  sqlite3* handle = nullptr;
  const int code =
      ::sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) {
    return error_of(handle, "cannot open database " + path);
  }
  ::sqlite3_extended_result_codes(handle, 0);
  ::sqlite3_busy_timeout(handle, k_busy_milliseconds);
  return connection;
}

Connection::~Connection() {
  index_.clear();
  entries_.clear();
  ::sqlite3_close(handle_);
}

Result<Rows> Connection::run(std::string_view sql, const std::vector<Value>& arguments) {
  PIER_TRY_ASSIGN(auto* const statement, prepared(sql));
  return statement->run(arguments);
}

Result<void> Connection::run_script(std::string_view script) {
  const std::string text(script);
  if (::sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error_of(handle_, "cannot run a script");
  }
  return {};
}

Result<Statement*> Connection::prepared(std::string_view sql) {
  if (const auto found = index_.find(sql); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->statement;
  }
  PIER_TRY_ASSIGN(auto statement, Statement::prepare(handle_, sql));
  if (entries_.size() >= k_kept_statements) {
    index_.erase(entries_.back().sql);
    entries_.pop_back();
  }
  entries_.push_front({std::string(sql), std::move(statement)});
  index_.emplace(entries_.front().sql, entries_.begin());
  return &entries_.front().statement;
}

} // namespace pier::store

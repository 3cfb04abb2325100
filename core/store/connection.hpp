#pragma once

#include "core/store/statement.hpp"

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pier::store {

/// A connection of SQLite with the statements that it prepared last, by their text. Not for two threads at a time;
/// private to this room.
class Connection {
 public:
  /// `flags`: SQLITE_OPEN_…; its own mutex and a shared cache are never used.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, int flags);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] sqlite3* handle() const { return handle_; }

  Result<Rows> run(std::string_view sql, const std::vector<Value>& arguments);
  /// Several statements, without results; prepared and forgotten.
  Result<void> run_script(std::string_view script);

 private:
  static constexpr std::size_t k_kept_statements = 128;

  struct Entry {
    std::string sql;
    Statement statement;
  };

  explicit Connection(sqlite3* handle)
      : handle_(handle) {}

  Result<Statement*> prepared(std::string_view sql);

  sqlite3* handle_;
  std::list<Entry> entries_; ///< the last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

} // namespace pier::store

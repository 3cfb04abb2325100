#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pier::store {

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// One row of a query's result; columns by position.
class Row {
 public:
  explicit Row(std::vector<Value> values)
      : values_(std::move(values)) {}

  [[nodiscard]] bool is_null(std::size_t column) const {
    return std::holds_alternative<std::nullptr_t>(values_.at(column));
  }

  [[nodiscard]] std::int64_t integer(std::size_t column) const; ///< 0 for NULL
  [[nodiscard]] double real(std::size_t column) const;
  [[nodiscard]] std::string text(std::size_t column) const; ///< "" for NULL

 private:
  std::vector<Value> values_;
};

using Rows = std::vector<Row>;

/// The SQLite database of a local workspace (WAL, synchronous=FULL, foreign keys on). Thread-safe:
/// changes are serialised, queries wait for none of them; statements are prepared once. Each module owns its own
/// tables, prefixed by its name.
class Database {
 public:
  /// Opens or creates. ":memory:" for tests.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path);
  virtual ~Database() = default;

  /// Brings one module's tables up to date: steps[i] is the SQL (several statements) that leads from version
  /// i to i+1, each in its own transaction. Only ever append to a module's steps.
  virtual Result<void> ensure_schema(std::string_view module, std::span<const std::string_view> steps) = 0;

  virtual Result<Rows> query(std::string_view sql, std::vector<Value> arguments = {}) = 0;
  /// Number of changed rows. A violated UNIQUE or PRIMARY KEY is ErrorKind::already_exists.
  virtual Result<std::int64_t> execute(std::string_view sql, std::vector<Value> arguments = {}) = 0;
  /// Row id of the inserted row.
  virtual Result<std::int64_t> insert(std::string_view sql, std::vector<Value> arguments = {}) = 0;

  /// When a commit returns. `durable`: it is on the disk. `relaxed`: it survives a kill, and a power cut can only
  /// take it together with everything later; it reaches the disk with the next durable commit, at most a tenth
  /// of a second later. An inner transaction follows the outer one.
  enum class Commit { durable, relaxed };

  /// All or nothing: an error of `body` (or an exception) rolls back. May be nested (joins the outer one).
  template <class Body> auto transaction(Body&& body, Commit commit = Commit::durable) -> decltype(body()) {
    Guard guard(*this);
    PIER_TRY(guard.begin(commit));
    auto result = body();
    if (result) {
      PIER_TRY(guard.commit());
    }
    return result;
  }

 protected:
  virtual void lock() = 0;
  virtual void unlock() = 0;
  virtual Result<void> begin_level(Commit commit) = 0;
  virtual Result<void> end_level(bool commit) = 0;

 private:
  class Guard {
   public:
    explicit Guard(Database& database)
        : database_(database) {
      database_.lock();
    }

    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    ~Guard() {
      if (open_) {
        [[maybe_unused]] const auto ignored = database_.end_level(false);
      }
      database_.unlock();
    }

    Result<void> begin(Commit commit) {
      PIER_TRY(database_.begin_level(commit));
      open_ = true;
      return {};
    }

    Result<void> commit() {
      open_ = false;
      return database_.end_level(true);
    }

   private:
    Database& database_;
    bool open_ = false;
  };
};

} // namespace pier::store

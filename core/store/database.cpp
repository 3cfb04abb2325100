#include "core/store/database.hpp"

#include "core/base/fd.hpp"
#include "core/base/files.hpp"
#include "core/store/readers.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace pier::store {
namespace {

/// Brings relaxed commits to the disk: one fdatasync of the write-ahead log for all of the last moment.
class Flusher {
 public:
  explicit Flusher(std::filesystem::path log)
      : log_(std::move(log)) {}

  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  ~Flusher() {
    if (worker_.joinable()) {
      worker_.request_stop();
      worker_.join();
    }
  }

  void request() {
    {
      const std::lock_guard guard(mutex_);
      wanted_ = true;
      if (!worker_.joinable()) {
        worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
      }
    }
    changed_.notify_one();
  }

 private:
  static constexpr std::chrono::milliseconds k_gather{50};

  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return wanted_; })) {
      changed_.wait_for(lock, stop, k_gather, [] { return false; });
      wanted_ = false;
      lock.unlock();
      // A descriptor of its own is safe: SQLite keeps its locks on other files than the log.
      const UniqueFd fd(::open(log_.c_str(), O_RDONLY | O_CLOEXEC));
      if (fd) {
        ::fdatasync(fd.get());
      }
      lock.lock();
    }
  }

  std::filesystem::path log_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool wanted_ = false;
  std::jthread worker_;
};

class SqliteDatabase final : public Database {
 public:
  /// Without a file: a database in memory, which nobody else can open.
  SqliteDatabase(std::unique_ptr<Connection> connection, const std::optional<std::filesystem::path>& file)
      : connection_(std::move(connection)) {
    if (file) {
      flusher_ = std::make_unique<Flusher>(file->string() + "-wal");
      readers_ = std::make_unique<Readers>(*file);
    }
  }

  Result<void> configure() {
    return connection_->run_script(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "PRAGMA temp_store=MEMORY;"
        "CREATE TABLE IF NOT EXISTS store_schema(module TEXT PRIMARY KEY, version INTEGER NOT NULL);");
  }

  Result<void> ensure_schema(std::string_view module, std::span<const std::string_view> steps) override {
    const std::lock_guard guard(mutex_);
    const std::string name(module);
    PIER_TRY_ASSIGN(const auto rows, query("SELECT version FROM store_schema WHERE module = ?", {name}));
    const auto version = rows.empty() ? std::size_t{0} : static_cast<std::size_t>(rows.front().integer(0));
    if (version > steps.size()) {
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "PIER0302",
                   .message = "the workspace was made by a newer pier (" + name + " tables have version " +
                              std::to_string(version) + ", this program knows " + std::to_string(steps.size()) + ")",
                   .hint = "use the newer pier, or `pier local reset`"};
    }
    for (auto step = version; step < steps.size(); ++step) {
      PIER_TRY(apply_step(name, step, steps[step]));
    }
    return {};
  }

  Result<Rows> query(std::string_view sql, std::vector<Value> arguments) override {
    std::unique_lock guard(mutex_, std::defer_lock);
    if (readers_ == nullptr) {
      guard.lock();
    } else if (!guard.try_lock()) { // never in a transaction of this thread, which must see its own changes
      return readers_->query(sql, arguments);
    }
    return run(sql, arguments);
  }

  Result<std::int64_t> execute(std::string_view sql, std::vector<Value> arguments) override {
    const std::lock_guard guard(mutex_);
    PIER_TRY(leave_relaxed());
    const auto before = ::sqlite3_total_changes64(handle());
    PIER_TRY(run(sql, arguments));
    // sqlite3_changes keeps the count of an earlier statement when this one changes nothing by nature.
    return ::sqlite3_total_changes64(handle()) == before ? 0 : ::sqlite3_changes64(handle());
  }

  Result<std::int64_t> insert(std::string_view sql, std::vector<Value> arguments) override {
    const std::lock_guard guard(mutex_);
    PIER_TRY(leave_relaxed());
    PIER_TRY(run(sql, arguments));
    return ::sqlite3_last_insert_rowid(handle());
  }

 protected:
  void lock() override { mutex_.lock(); }

  void unlock() override { mutex_.unlock(); }

  Result<void> begin_level(Commit commit) override {
    if (depth_ == 0) {
      PIER_TRY(set_relaxed(commit == Commit::relaxed && flusher_ != nullptr));
    }
    PIER_TRY(run(depth_ == 0 ? "BEGIN IMMEDIATE" : "SAVEPOINT pier", {}));
    ++depth_;
    return {};
  }

  Result<void> end_level(bool commit) override {
    if (::sqlite3_get_autocommit(handle()) != 0) {
      --depth_;
      return lost_transaction();
    }
    auto outcome = depth_ == 1 ? end_outermost(commit) : end_savepoint(commit);
    --depth_;
    return outcome;
  }

 private:
  [[nodiscard]] sqlite3* handle() const { return connection_->handle(); }

  Result<void> end_outermost(bool commit) {
    if (commit) {
      auto committed = run("COMMIT", {});
      if (committed) {
        if (relaxed_) {
          flusher_->request();
        }
        return {};
      }
      if (::sqlite3_get_autocommit(handle()) == 0) {
        [[maybe_unused]] const auto ignored = run("ROLLBACK", {});
      }
      return std::move(committed).error();
    }
    PIER_TRY(run("ROLLBACK", {}));
    return {};
  }

  Result<void> end_savepoint(bool commit) {
    if (!commit) {
      PIER_TRY(run("ROLLBACK TO pier", {}));
    }
    PIER_TRY(run("RELEASE pier", {}));
    return {};
  }

  Result<void> leave_relaxed() { return depth_ == 0 ? set_relaxed(false) : Result<void>(); }

  /// SQLite lets the level change only between transactions, so it changes before one begins; statements
  /// outside of transactions always find FULL.
  Result<void> set_relaxed(bool relaxed) {
    if (relaxed != relaxed_) {
      // Not prepared: this pragma acts when it is compiled, so a kept statement would do nothing.
      PIER_TRY(connection_->run_script(relaxed ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL"));
      relaxed_ = relaxed;
    }
    return {};
  }

  Result<Rows> run(std::string_view sql, const std::vector<Value>& arguments) {
    if (depth_ > 0 && ::sqlite3_get_autocommit(handle()) != 0) {
      return lost_transaction();
    }
    return connection_->run(sql, arguments);
  }

  Result<void> apply_step(const std::string& module, std::size_t step, std::string_view script) {
    return transaction([&]() -> Result<void> {
             PIER_TRY(connection_->run_script(script));
             PIER_TRY(run("INSERT INTO store_schema(module, version) VALUES (?, ?) "
                          "ON CONFLICT(module) DO UPDATE SET version = excluded.version",
                          {module, static_cast<std::int64_t>(step + 1)}));
             return {};
           })
        .context("bringing the tables of " + module + " to version " + std::to_string(step + 1));
  }

  static Error lost_transaction() {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0301",
                 .message = "the transaction was given up after an earlier error; nothing of it is stored"};
  }

  std::unique_ptr<Connection> connection_; ///< the only one that writes
  std::recursive_mutex mutex_;             ///< for it
  int depth_ = 0;                          ///< open transaction levels of the thread that holds the mutex
  bool relaxed_ = false;
  std::unique_ptr<Flusher> flusher_; ///< this and the readers: none for a database in memory
  std::unique_ptr<Readers> readers_; ///< gone first: the last to close brings the log into the database
};

/// SQLite gives its side files the mode of the database, so that one must be private from the start.
Result<void> create_private(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) {
    return error_from_errno(errno, "cannot open database " + path.string());
  }
  return {};
}

} // namespace

std::int64_t Row::integer(std::size_t column) const {
  const auto* value = std::get_if<std::int64_t>(&values_.at(column));
  return value != nullptr ? *value : 0;
}

double Row::real(std::size_t column) const {
  const auto& value = values_.at(column);
  if (const auto* real = std::get_if<double>(&value)) {
    return *real;
  }
  return static_cast<double>(integer(column));
}

std::string Row::text(std::size_t column) const {
  const auto* value = std::get_if<std::string>(&values_.at(column));
  return value != nullptr ? *value : std::string();
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path) {
  const auto file = path == ":memory:" ? std::nullopt : std::optional(path);
  if (file) {
    PIER_TRY(create_private(*file));
  }
  PIER_TRY_ASSIGN(auto connection, Connection::open(path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  auto database = std::make_unique<SqliteDatabase>(std::move(connection), file);
  PIER_TRY(database->configure().context("opening " + path.string()));
  return std::unique_ptr<Database>(std::move(database));
}

} // namespace pier::store

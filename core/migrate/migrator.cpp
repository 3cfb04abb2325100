#include "core/migrate/migrator.hpp"

#include "core/migrate/statement_error.hpp"

namespace pier::migrate {

namespace {

/// "pier" and 1: the key of our advisory lock, one for each database.
constexpr std::string_view k_lock_key = "8100704885190066177";

class Applier {
 public:
  Applier(Connection& connection, const MigrationSet& set, const ApplyOptions& options)
      : connection_(connection),
        set_(set),
        options_(options) {}

  Result<ApplyReport> run() {
    PIER_TRY(lock());
    auto result = locked();
    if (connection_.is_alive()) {
      (void)connection_.run("SELECT pg_catalog.pg_advisory_unlock(" + std::string(k_lock_key) + ")");
    }
    if (!result) {
      return std::move(result).error();
    }
    return std::move(report_);
  }

 private:
  Result<void> locked() {
    PIER_TRY_ASSIGN(const auto ledger, read_ledger(connection_));
    const auto statuses = compare(set_, ledger);
    check_history(statuses, options_.allow_out_of_order, report_.diagnostics);
    if (report_.diagnostics.has_errors()) {
      return {};
    }
    bool has_ledger = false;
    for (const auto& status : statuses) {
      const auto* file = file_of(status);
      if (file == nullptr || status.state == MigrationState::applied) {
        continue;
      }
      if (!has_ledger) {
        PIER_TRY(ensure_ledger(connection_).context("making the table pier.migration"));
        has_ledger = true;
      }
      PIER_TRY_ASSIGN(const bool done, apply(*file, status.statements_done));
      if (!done) {
        return {};
      }
    }
    return {};
  }

  [[nodiscard]] const MigrationFile* file_of(const MigrationStatus& status) const {
    for (const auto& file : set_.files) {
      if (file.path == status.path) {
        return &file;
      }
    }
    return nullptr;
  }

  Result<void> lock() {
    const auto timeout = std::to_string(options_.lock_timeout.count());
    PIER_TRY(connection_.query("SELECT pg_catalog.set_config('lock_timeout', $1, false)", {timeout}));
    const auto outcome =
        connection_.run("SELECT pg_catalog.pg_advisory_lock(" + std::string(k_lock_key) + ")", {}, options_.stop);
    const auto* failure = std::get_if<ServerError>(&outcome);
    if (failure == nullptr) {
      return {};
    }
    if (failure->sqlstate == "55P03") {
      return lock_is_held();
    }
    return failed(*failure);
  }

  Error lock_is_held() {
    const auto holder = connection_.query(
        "SELECT a.usename, a.pid::text FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) WHERE "
        "l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname "
        "= "
        "current_database()) AND ((l.classid::bigint << 32) | l.objid::bigint) = " +
        std::string(k_lock_key));
    std::string who = "somebody";
    if (holder && !holder->empty()) {
      who = holder->front()[0].value_or("somebody") + " (process " + holder->front()[1].value_or("?") + ")";
    }
    return Error{.kind = ErrorKind::conflict,
                 .code = "PIER8413",
                 .message = who + " is applying migrations to " + set_.database + " right now",
                 .hint = "wait for them, then run this again"};
  }

  Error failed(const ServerError& failure) {
    if (options_.stop.stop_requested()) {
      return Error{.kind = ErrorKind::interrupted, .code = "PIER8414", .message = "interrupted"};
    }
    return Error{.kind = connection_.is_alive() ? ErrorKind::invalid_state : ErrorKind::unavailable,
                 .code = "PIER8412",
                 .message = failure.message + " (SQLSTATE " + failure.sqlstate + ")",
                 .hint = failure.hint};
  }

  /// Every file begins with the settings of a fresh login.
  Result<void> reset_session() {
    PIER_TRY(connection_.query("RESET SESSION AUTHORIZATION"));
    PIER_TRY(connection_.query("RESET ROLE"));
    PIER_TRY(connection_.query("RESET ALL"));
    const auto timeout = std::to_string(options_.table_lock_timeout.count());
    PIER_TRY(connection_.query("SELECT pg_catalog.set_config('lock_timeout', $1, false)", {timeout}));
    return {};
  }

  /// False when a statement failed: it is in the diagnostics then.
  Result<bool> apply(const MigrationFile& file, std::size_t done) {
    const auto begin = std::chrono::steady_clock::now();
    PIER_TRY(reset_session());
    PIER_TRY_ASSIGN(const bool ok, file.transactional ? in_transaction(file) : step_by_step(file, done));
    if (!ok) {
      return false;
    }
    PIER_TRY(reset_session());
    const auto duration =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    report_.applied.push_back({file.path, file.version, file.name, file.statements.size() - done, duration});
    if (options_.on_applied) {
      options_.on_applied(report_.applied.back());
    }
    return true;
  }

  Result<bool> in_transaction(const MigrationFile& file) {
    PIER_TRY(connection_.query("BEGIN"));
    for (const auto& statement : file.statements) {
      const auto outcome = connection_.run(statement.text, {}, options_.stop);
      if (const auto* failure = std::get_if<ServerError>(&outcome)) {
        return give_up(file, statement, *failure, "nothing of this file is applied");
      }
    }
    // The file may have changed the role; the ledger's row is ours.
    PIER_TRY(connection_.query("RESET SESSION AUTHORIZATION"));
    PIER_TRY(connection_.query("RESET ROLE"));
    PIER_TRY(record(connection_, file, file.statements.size()));
    const auto outcome = connection_.run("COMMIT", {}, options_.stop);
    if (const auto* failure = std::get_if<ServerError>(&outcome)) { // a deferred constraint
      return give_up(file, file.statements.back(), *failure, "nothing of this file is applied");
    }
    return true;
  }

  Result<bool> step_by_step(const MigrationFile& file, std::size_t done) {
    for (; done < file.statements.size(); ++done) {
      const auto& statement = file.statements[done];
      const auto outcome = connection_.run(statement.text, {}, options_.stop);
      if (const auto* failure = std::get_if<ServerError>(&outcome)) {
        return give_up(file, statement, *failure,
                       std::to_string(done) + " of " + std::to_string(file.statements.size()) +
                           " statements of this file are applied; the next run goes on with this one");
      }
      PIER_TRY(record(connection_, file, done + 1));
    }
    return true;
  }

  Result<bool> give_up(const MigrationFile& file, const SqlStatement& statement, const ServerError& failure,
                       const std::string& consequence) {
    if (connection_.is_alive()) {
      (void)connection_.run("ROLLBACK"); // without a transaction only a warning
    }
    if (options_.stop.stop_requested() || !connection_.is_alive()) {
      return failed(failure);
    }
    auto diagnostic = describe(file, statement, failure);
    diagnostic.detail += "\n" + consequence;
    report_.diagnostics.add(std::move(diagnostic));
    return false;
  }

  Connection& connection_;
  const MigrationSet& set_;
  const ApplyOptions& options_;
  ApplyReport report_;
};

} // namespace

Result<std::vector<MigrationStatus>> migration_status(Connection& connection, const MigrationSet& set) {
  PIER_TRY_ASSIGN(const auto ledger, read_ledger(connection));
  return compare(set, ledger);
}

Result<ApplyReport> apply_migrations(Connection& connection, const MigrationSet& set, const ApplyOptions& options) {
  return Applier(connection, set, options).run();
}

} // namespace pier::migrate

#pragma once

#include "core/migrate/compare.hpp"

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::migrate {

struct AppliedMigration {
  std::string path;
  std::string version;
  std::string name;
  std::size_t statements = 0; ///< that ran now
  std::chrono::milliseconds duration{0};
};

struct ApplyOptions {
  bool allow_out_of_order = false;
  std::chrono::milliseconds lock_timeout{10'000};       ///< for the lock against a second pier
  std::chrono::milliseconds table_lock_timeout{10'000}; ///< for each lock that a statement takes
  std::function<void(const AppliedMigration&)> on_applied;
  std::stop_token stop;
};

struct ApplyReport {
  std::vector<AppliedMigration> applied;
  Diagnostics diagnostics; ///< with errors: what stands in the way, or the statement that failed
};

/// What is applied to the database and what is not; writes nothing.
Result<std::vector<MigrationStatus>> migration_status(Connection& connection, const MigrationSet& set);

/// Applies what is pending, in order. A file runs in one transaction together with its row in the ledger, so a
/// failure or a kill leaves nothing of it; one with `-- pier:transaction off` records each statement and goes on
/// where it stopped. Nothing runs while the history has errors. Against a second pier an advisory lock is held;
/// error conflict PIER8413 names its holder. Error interrupted when the stop came.
Result<ApplyReport> apply_migrations(Connection& connection, const MigrationSet& set, const ApplyOptions& options = {});

} // namespace pier::migrate

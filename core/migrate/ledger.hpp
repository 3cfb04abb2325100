#pragma once

#include "core/base/result.hpp"
#include "core/migrate/connection.hpp"
#include "core/migrate/migration_file.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace pier::migrate {

/// One row of `pier.migration`, the memory of a database.
struct LedgerEntry {
  MigrationKind kind = MigrationKind::versioned;
  std::string version;
  std::string name;
  std::string sha256;
  bool complete = true;            ///< false: a file without transaction stopped in the middle
  std::size_t statements_done = 0; ///< of an incomplete one
  std::string done_sha256;         ///< of those statements
  std::string applied_at;          ///< RFC 3339
  std::string actor;               ///< role that applied it

  bool operator==(const LedgerEntry&) const = default;
};

/// In the order of applying; empty when the database has no ledger yet.
Result<std::vector<LedgerEntry>> read_ledger(Connection& connection);

/// Makes the schema `pier` and the table if they are missing.
Result<void> ensure_ledger(Connection& connection);

/// Writes the row of a file of which `done` statements have run; complete when these are all.
Result<void> record(Connection& connection, const MigrationFile& file, std::size_t done);

/// Digest of the first `count` statements: a resumed file may change only what has not run yet.
std::string digest_of_first(const MigrationFile& file, std::size_t count);

} // namespace pier::migrate

#pragma once

#include "core/base/diagnostics.hpp"
#include "core/migrate/ledger.hpp"

#include <string_view>
#include <vector>

namespace pier::migrate {

enum class MigrationState {
  applied,
  pending,
  changed,      ///< applied, but the file is another one now
  missing,      ///< applied, but the file is gone
  out_of_order, ///< not applied, though a later one is
  partial,      ///< stopped in the middle; goes on where it stopped
  stuck,        ///< stopped in the middle, and what had run was changed in the file
};

struct MigrationStatus {
  MigrationKind kind = MigrationKind::versioned;
  std::string version;
  std::string name;
  std::string path; ///< empty when the file is missing
  MigrationState state = MigrationState::pending;
  std::string applied_at; ///< RFC 3339; empty when not applied
  std::string actor;
  std::size_t statements_done = 0; ///< of partial and stuck
};

std::string_view to_string(MigrationState state);

/// Files against the ledger: first all versioned ones by version, then the repeatable ones.
std::vector<MigrationStatus> compare(const MigrationSet& set, const std::vector<LedgerEntry>& ledger);

/// Reports what stands in the way of applying: changed (PIER8421), missing (PIER8422), out of order (PIER8423, a
/// warning when allowed), stuck (PIER8424).
void check_history(const std::vector<MigrationStatus>& statuses, bool allow_out_of_order, Diagnostics& diagnostics);

} // namespace pier::migrate

#include "core/migrate/compare.hpp"

#include <algorithm>
#include <array>

namespace pier::migrate {

namespace {

const LedgerEntry* find_entry(const std::vector<LedgerEntry>& ledger, const MigrationFile& file) {
  const auto found = std::find_if(ledger.begin(), ledger.end(), [&](const LedgerEntry& entry) {
    return entry.kind == file.kind &&
           (file.kind == MigrationKind::repeatable ? entry.version == file.version
                                                   : compare_versions(entry.version, file.version) == 0);
  });
  return found == ledger.end() ? nullptr : &*found;
}

const MigrationFile* find_file(const MigrationSet& set, const LedgerEntry& entry) {
  const auto found = std::find_if(set.files.begin(), set.files.end(), [&](const MigrationFile& file) {
    return file.kind == entry.kind && compare_versions(file.version, entry.version) == 0;
  });
  return found == set.files.end() ? nullptr : &*found;
}

/// Highest version that is applied; empty if none is.
std::string highest(const std::vector<LedgerEntry>& ledger) {
  std::string out;
  for (const auto& entry : ledger) {
    if (entry.kind == MigrationKind::versioned && (out.empty() || compare_versions(entry.version, out) > 0)) {
      out = entry.version;
    }
  }
  return out;
}

MigrationState state_of(const MigrationFile& file, const LedgerEntry* entry, const std::string& newest) {
  const bool versioned = file.kind == MigrationKind::versioned;
  if (entry == nullptr) {
    const bool late = versioned && !newest.empty() && compare_versions(file.version, newest) < 0;
    return late ? MigrationState::out_of_order : MigrationState::pending;
  }
  if (!entry->complete) {
    const bool same = entry->statements_done <= file.statements.size() &&
                      digest_of_first(file, entry->statements_done) == entry->done_sha256;
    return same ? MigrationState::partial : MigrationState::stuck;
  }
  if (entry->sha256 == file.sha256) {
    return MigrationState::applied;
  }
  return versioned ? MigrationState::changed : MigrationState::pending;
}

} // namespace

std::string_view to_string(MigrationState state) {
  static constexpr std::array<std::string_view, 7> names{"applied",      "pending", "changed", "missing",
                                                         "out of order", "partial", "stuck"};
  return names.at(static_cast<std::size_t>(state));
}

std::vector<MigrationStatus> compare(const MigrationSet& set, const std::vector<LedgerEntry>& ledger) {
  std::vector<MigrationStatus> out;
  const auto newest = highest(ledger);
  for (const auto& file : set.files) {
    const auto* entry = find_entry(ledger, file);
    MigrationStatus status{.kind = file.kind, .version = file.version, .name = file.name, .path = file.path};
    status.state = state_of(file, entry, newest);
    if (entry != nullptr) {
      status.applied_at = entry->applied_at;
      status.actor = entry->actor;
      status.statements_done = entry->complete ? 0 : entry->statements_done;
    }
    out.push_back(std::move(status));
  }
  for (const auto& entry : ledger) {
    if (entry.kind == MigrationKind::versioned && find_file(set, entry) == nullptr) {
      out.push_back({.kind = entry.kind,
                     .version = entry.version,
                     .name = entry.name,
                     .state = MigrationState::missing,
                     .applied_at = entry.applied_at,
                     .actor = entry.actor});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const MigrationStatus& a, const MigrationStatus& b) {
    if (a.kind != b.kind) {
      return a.kind == MigrationKind::versioned;
    }
    return a.kind == MigrationKind::versioned && compare_versions(a.version, b.version) < 0;
  });
  return out;
}

void check_history(const std::vector<MigrationStatus>& statuses, bool allow_out_of_order, Diagnostics& diagnostics) {
  for (const auto& status : statuses) {
    const auto title = "migration " + status.version + " (" + status.name + ")";
    const std::vector<SourceSpan> place{SourceSpan{.file = status.path}};
    switch (status.state) {
    case MigrationState::changed:
      diagnostics.error("PIER8421", title + " was changed after it was applied on " + status.applied_at, place,
                        "restore the file, and put the change into a new migration");
      break;
    case MigrationState::missing:
      diagnostics.error("PIER8422", title + " was applied on " + status.applied_at + ", but its file is gone", {},
                        "restore the file, or deploy the version of the project that has it");
      break;
    case MigrationState::out_of_order:
      if (allow_out_of_order) {
        diagnostics.warning("PIER8423", title + " comes after later ones", place);
      } else {
        diagnostics.error("PIER8423", title + " is new, but later ones are applied already", place,
                          "give it a version after the newest one, or pass --allow-out-of-order");
      }
      break;
    case MigrationState::stuck:
      diagnostics.error("PIER8424",
                        title + " stopped after " + std::to_string(status.statements_done) +
                            " statements, and these were changed in the file since",
                        place, "restore these statements; those after them may change");
      break;
    case MigrationState::applied:
    case MigrationState::pending:
    case MigrationState::partial: break;
    }
  }
}

} // namespace pier::migrate

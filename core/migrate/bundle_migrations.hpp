#pragma once

#include "core/migrate/app_access.hpp"
#include "core/migrate/migrator.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace pier::migrate {

/// The migrations of one database, and the instance that they are for in the target.
struct MigrationTarget {
  MigrationSet set;
  std::string instance;
};

/// The folder migrations/<instance>/ names an instance of the bundle by its resource key or its name; a name that
/// no resource has is taken as it is (an instance that exists already). Problems of the files go to diagnostics.
Result<std::vector<MigrationTarget>> migration_targets(const model::Bundle& bundle, Diagnostics& diagnostics);

/// A synced table as the database sees it.
struct SyncedTable {
  std::string instance;
  std::string database;
  std::string table; ///< "schema.table"

  bool operator==(const SyncedTable&) const = default;
};

/// The synced tables of a bundle whose names can be told from its configuration.
std::vector<SyncedTable> synced_tables(const model::ResourceGraph& graph);

/// What `pier deploy` does for databases: every database is migrated once, before the code of the first app that is
/// bound to it, else at the end; bound apps get their rights. Thread-safe: apps are deployed side by side.
class BundleMigrations {
 public:
  using Report = std::function<void(const std::string& line)>;

  /// `user`: who deploys, the role to log in as.
  BundleMigrations(const model::Bundle& bundle, workspace_client::RestClient& client, std::string user, Report report);

  /// Reads the files. Errors in them are in diagnostics(); nothing may be deployed then.
  Result<void> read();

  /// For an app that exists and whose databases exist. Fails when a migration fails: see diagnostics() for its place.
  Result<void> before_app_code(const std::string& app_name);

  /// The databases that no app has waited for, then the rights to synced tables, which exist by now.
  Result<void> finish();

  [[nodiscard]] const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  struct Binding {
    std::string instance;
    std::string database;
    std::string principal;
    bool operator==(const Binding&) const = default;
  };

  Result<std::vector<Binding>> bindings_of(const std::string& app_name);
  Result<void> migrate(MigrationTarget& target);
  Result<void> grant(const std::string& instance, const std::string& database, bool with_synced_tables);

  const model::Bundle& bundle_;
  workspace_client::RestClient& client_;
  std::string user_;
  Report report_;
  std::mutex mutex_;
  std::vector<MigrationTarget> pending_;
  std::vector<Binding> bindings_;
  Diagnostics diagnostics_;
};

} // namespace pier::migrate

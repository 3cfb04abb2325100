#pragma once

#include "core/base/diagnostics.hpp"
#include "core/base/result.hpp"
#include "core/deploy/deployer.hpp"
#include "core/migrate/bundle_migrations.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace pier::cli {

/// Brings the databases of a target up to date in the middle of a deployment: when instances and app compute
/// exist and before the first app gets its code, the files in `migrations/<instance>/<database>/` are applied;
/// then each bound app gets what it needs in its databases. `<instance>` is the key of the bundle's resource
/// or the instance's name. Used from several threads.
class DatabaseMigrations {
 public:
  /// Problems of the files, with their places, go to `diagnostics`.
  DatabaseMigrations(deploy::Session& session, Diagnostics& diagnostics)
      : session_(session),
        diagnostics_(diagnostics) {}

  /// Reads the files; error when one of them is wrong (see diagnostics).
  Result<void> load();

  Result<void> before_app_code(const std::string& app);
  /// For targets without an app that waits for it. Nothing to do when the files are those of the last time
  /// and nothing was changed.
  Result<void> after_apply(bool changed);

  [[nodiscard]] std::size_t applied() const { return applied_; }

 private:
  Result<void> apply_all();
  Result<void> apply_target(const migrate::MigrationTarget& target);
  Result<void> give_access(const std::string& app);
  [[nodiscard]] std::string digest() const;

  deploy::Session& session_;
  Diagnostics& diagnostics_;
  std::vector<migrate::MigrationTarget> targets_;
  std::mutex mutex_;
  std::optional<Result<void>> outcome_; ///< of apply_all, which runs once
  std::size_t applied_ = 0;
};

} // namespace pier::cli

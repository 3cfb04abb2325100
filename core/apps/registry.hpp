#pragma once

#include "core/apps/records.hpp"
#include "core/store/database.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::apps {

/// The SQLite tables `apps_*`. Thread-safe: each call is one transaction.
class Registry {
 public:
  static Result<Registry> open(store::Database& database);

  Result<void> insert(const AppRecord& app);    ///< already_exists when the name is taken
  Result<AppRecord> app(std::string_view name); ///< not_found: RESOURCE_DOES_NOT_EXIST
  Result<std::vector<AppRecord>> apps();        ///< by name
  /// Reads, changes and writes as one step; the changed record.
  Result<AppRecord> change(std::string_view name, const std::function<void(AppRecord&)>& edit);
  Result<void> remove(std::string_view name); ///< with its deployments

  Result<void> insert(const DeploymentRecord& deployment); ///< already_exists when the id is taken
  Result<DeploymentRecord> deployment(std::string_view app, std::string_view id);
  Result<std::vector<DeploymentRecord>> deployments(std::string_view app); ///< newest first
  Result<DeploymentRecord> change_deployment(std::string_view app, std::string_view id,
                                             const std::function<void(DeploymentRecord&)>& edit);

  Result<std::optional<std::string>> setting(std::string_view key);
  Result<void> set_setting(std::string_view key, std::string_view value);

  /// Sessions that were signed out before their end; those that are over are forgotten.
  Result<std::vector<std::string>> revoked_sessions(std::int64_t now_millis);
  Result<void> revoke_session(std::string_view id, std::int64_t expires_millis);

 private:
  explicit Registry(store::Database& database)
      : database_(&database) {}

  store::Database* database_;
};

} // namespace pier::apps

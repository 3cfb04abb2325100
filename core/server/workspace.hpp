#pragma once

#include "core/apps/apps.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/catalog/catalog.hpp"
#include "core/files/access.hpp"
#include "core/files/volume_files.hpp"
#include "core/identity/identity.hpp"
#include "core/identity/permissions.hpp"
#include "core/identity/secret_scopes.hpp"
#include "core/jobs/jobs.hpp"
#include "core/lake/lake.hpp"
#include "core/lake/statements.hpp"
#include "core/lake/warehouses.hpp"
#include "core/lakebase/lakebase.hpp"
#include "core/server/settings.hpp"
#include "core/store/database.hpp"
#include "core/sync/sync.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace pier::server {

struct WorkspaceOptions {
  std::string name = "default";
  std::filesystem::path folder;           ///< <home>/workspaces/<name>; made when missing
  std::string version;                    ///< of pier
  std::string owner = "owner@pier.local"; ///< the first user, when the workspace is made
  Environment env;                        ///< of the daemon: PATH, proxies and caches for builds
};

/// The composition root: owns every module of the local workspace, in dependency order, so that what stands
/// on others goes first at the end. Not a place for logic.
struct Workspace {
  /// Makes or opens it. The tables of all modules come in one transaction.
  static Result<std::unique_ptr<Workspace>> open(WorkspaceOptions options);

  /// When the REST server listens: what needs the workspace's own address (apps, jobs) starts here.
  Result<void> start(std::string base_url);
  /// Before the REST server stops: ends what its slow routes wait for (statements, builds).
  void begin_shutdown();

  [[nodiscard]] std::filesystem::path run_folder() const { return options.folder / "run"; }

  [[nodiscard]] std::filesystem::path spool_folder() const { return options.folder / "run" / "spool"; }

  [[nodiscard]] std::filesystem::path logs_folder() const { return options.folder / "logs"; }

  [[nodiscard]] std::filesystem::path tls_folder() const { return options.folder / "tls"; }

  WorkspaceOptions options;
  std::int64_t id = 0;
  std::string url; ///< "http://127.0.0.1:port" once the server listens
  SystemClock clock;
  std::unique_ptr<store::Database> database;
  std::optional<Settings> settings;
  std::unique_ptr<identity::Identity> identity;
  std::unique_ptr<identity::Permissions> permissions;
  std::unique_ptr<identity::SecretScopes> secrets;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<files::WorkspaceFiles> files;
  std::unique_ptr<files::FileAccess> file_access;
  std::unique_ptr<files::VolumeFiles> volume_files;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<lake::Warehouses> warehouses;
  std::unique_ptr<lake::Statements> statements;
  std::unique_ptr<lakebase::Lakebase> lakebase;
  std::unique_ptr<sync::SyncService> sync;
  std::unique_ptr<apps::Apps> apps;
  std::unique_ptr<jobs::Jobs> jobs;

 private:
  Result<void> open_modules();
};

} // namespace pier::server

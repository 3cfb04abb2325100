#pragma once

#include "core/apps/settings.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/catalog/catalog.hpp"
#include "core/files/access.hpp"
#include "core/files/workspace_files.hpp"
#include "core/identity/identity.hpp"
#include "core/identity/permissions.hpp"
#include "core/store/database.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pier::apps {

/// How an app reaches a Lakebase database that is bound to it.
struct DatabaseBinding {
  std::string host;
  std::uint16_t port = 5432;
  std::string database;
  std::string endpoint;          ///< autoscaling: "projects/p/branches/b/endpoints/e"; provisioned: empty
  std::filesystem::path ca_file; ///< of the authority that signs the database's certificate
};

/// Who binds what to whom; given to ResourceProviders.
struct BindingRequest {
  const identity::Caller& caller;
  model::Principal service_principal;
  Json entry; ///< the resource entry without name and description: {"instance_name":…,"database_name":…}
};

/// What resource entries need from rooms that apps does not know (set by the composition root). A missing
/// function means that this kind cannot be bound here: the call that wants it is refused by name.
struct ResourceProviders {
  /// Provisioned (`database`) and autoscaling (`postgres`): makes the service principal's role with CONNECT and
  /// CREATE on the database. Idempotent.
  std::function<Result<DatabaseBinding>(const BindingRequest&)> bind_database;
  std::function<Result<DatabaseBinding>(const BindingRequest&)> bind_postgres;
  /// Value of a secret, and READ | WRITE | MANAGE on its scope for the service principal.
  std::function<Result<std::string>(std::string_view scope, std::string_view key)> secret_value;
  std::function<Result<void>(const BindingRequest&)> grant_secret;
};

/// The rooms that apps stand on. All must outlive Apps.
struct Rooms {
  store::Database& database;
  const Clock& clock;
  identity::Identity& identity;
  identity::Permissions& permissions;
  files::WorkspaceFiles& files;
  files::FileAccess* file_access = nullptr; ///< who may read sources; null: everybody (tests)
  catalog::Catalog& catalog;
  ResourceProviders providers;
};

/// Where the workspace itself answers; what apps get as DATABRICKS_HOST.
struct WorkspaceAddress {
  std::string url; ///< "http://127.0.0.1:8765"
  std::int64_t workspace_id = 0;
};

/// Lists of the API: items and the token of the next page (empty at the end).
struct Page {
  std::vector<Json> items;
  std::string next_page_token;
};

/// One line of an app's log.
struct LogLine {
  std::string source;     ///< "APP" | "SYSTEM"
  double timestamp = 0.0; ///< seconds since the epoch
  std::string message;
};

/// Data apps of the local workspace: registry (SQLite tables `apps_*`), builds, processes, gateway and scale
/// to zero (facts: workspace-api 3.3, apps-runtime 1-4). Documents have the shape of the REST API; every call
/// checks the caller's level on "apps/<name>". Thread-safe; nothing here waits for a build or a start.
class Apps {
 public:
  static Result<std::unique_ptr<Apps>> open(Options options, Rooms rooms);
  virtual ~Apps() = default; ///< stops all apps and joins all threads

  /// Opens the gateway's listeners and starts again what ran before. Once, when the REST server listens.
  virtual Result<void> start(WorkspaceAddress address) = 0;
  /// Stops processes and listeners; the next start() runs them again.
  virtual void shut_down() = 0;

  virtual Result<Json> create(const identity::Caller& caller, const Json& app, bool no_compute) = 0;
  virtual Result<Json> get(const identity::Caller& caller, std::string_view name) = 0;
  virtual Result<Page> list(const identity::Caller& caller, std::int64_t page_size, std::string_view page_token) = 0;
  virtual Result<Json> patch(const identity::Caller& caller, std::string_view name, const Json& app) = 0;
  /// The asynchronous change: {"app":{…},"update_mask":"a,b"}; answers AppUpdate with its status.
  virtual Result<Json> create_update(const identity::Caller& caller, std::string_view name, const Json& request) = 0;
  virtual Result<Json> get_update(const identity::Caller& caller, std::string_view name) = 0;
  virtual Result<Json> start_app(const identity::Caller& caller, std::string_view name) = 0;
  virtual Result<Json> stop_app(const identity::Caller& caller, std::string_view name) = 0;
  virtual Result<Json> remove(const identity::Caller& caller, std::string_view name) = 0;

  virtual Result<Json> deploy(const identity::Caller& caller, std::string_view name, const Json& deployment) = 0;
  virtual Result<Json> deployment(const identity::Caller& caller, std::string_view name, std::string_view id) = 0;
  virtual Result<Page> deployments(const identity::Caller& caller, std::string_view name, std::int64_t page_size,
                                   std::string_view page_token) = 0;

  /// A link that signs a browser in once. `user` empty: the caller; another user needs an admin.
  virtual Result<std::string> sign_in_link(const identity::Caller& caller, std::string_view name,
                                           std::string_view user) = 0;
  /// Idle time before sleep; 0 = never. `name` empty: the workspace's default (admins).
  virtual Result<void> set_idle_timeout(const identity::Caller& caller, std::string_view name,
                                        std::chrono::milliseconds timeout) = 0;
};

} // namespace pier::apps

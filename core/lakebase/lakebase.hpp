#pragma once

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/identity/identity.hpp"
#include "core/store/database.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lakebase {

inline constexpr std::string_view k_default_database = "databricks_postgres";
inline constexpr std::string_view k_system_role = "pier_system"; ///< superuser, over the unix socket only
inline constexpr std::string_view k_superuser_role = "databricks_superuser";

/// starting: being made; available also while asleep (a connection wakes it); stopped: by hand.
enum class InstanceState { starting, available, stopped, deleting, failed };
std::string_view to_string(InstanceState state); ///< "AVAILABLE"

/// A database instance as people see it. `spec` holds the request's fields as they were sent.
struct Instance {
  std::string name;
  std::string uid;
  std::string creator;
  std::int64_t created_at = 0; ///< epoch milliseconds
  InstanceState state = InstanceState::starting;
  std::string message;    ///< why it failed
  std::string pg_version; ///< "PG_VERSION_15"
  std::string host;       ///< address of the front: 127.x.y.z, or 127.0.0.1 when that is not possible
  std::uint16_t port = 0; ///< 5432, or a free port
  bool asleep = false;    ///< the PostgreSQL process does not run now
  int sessions = 0;       ///< open connections through the front
  std::chrono::seconds idle_timeout{0};
  Json spec;
};

/// A PostgreSQL role made by API. name: user name, application id, group name, or any (PG_ONLY).
struct Role {
  std::string name;
  std::string identity_type = "USER"; ///< USER, SERVICE_PRINCIPAL, GROUP, PG_ONLY
  std::string membership_role;        ///< "" or DATABRICKS_SUPERUSER
  bool createdb = false;
  bool createrole = false;
  bool bypassrls = false;
  Json spec; ///< as sent
};

/// Holds an instance awake while it lives.
class Lease {
 public:
  Lease() = default;

  explicit Lease(std::shared_ptr<void> hold)
      : hold_(std::move(hold)) {}

 private:
  std::shared_ptr<void> hold_;
};

/// Told about an instance's process; called on Lakebase's threads, must return soon.
struct LifecycleHooks {
  std::function<void(const std::string& instance)> on_awake;     ///< it accepts connections
  std::function<void(const std::string& instance)> before_sleep; ///< returns when nothing internal is connected
};

struct Options {
  std::filesystem::path folder;                 ///< <workspace>/lakebase: one folder per instance
  std::filesystem::path tls_folder;             ///< <workspace>/tls: the local authority's ca.pem
  std::chrono::seconds idle_timeout{300};       ///< default of new instances; 0: never sleep
  std::chrono::milliseconds wake_limit{30'000}; ///< how long a client is held
  std::filesystem::path postgres_bin;           ///< folder with initdb and postgres; empty: the newest of the machine
  std::string database_template_sql;            ///< runs in template1 of each new cluster, as the system role
};

/// The managed PostgreSQL of a local workspace: clusters, their front (TLS, tokens as passwords), roles, sleep
/// and wake (SQLite tables `lakebase_*`). Thread-safe. Restarts nothing by itself: after open every instance
/// sleeps until somebody connects. The destructor stops all of them cleanly.
class Lakebase {
 public:
  static Result<std::unique_ptr<Lakebase>> open(store::Database& database, identity::Identity& identity,
                                                const Clock& clock, Options options);
  virtual ~Lakebase() = default;

  /// Before the first instance wakes.
  virtual void set_hooks(LifecycleHooks hooks) = 0;

  /// Returns at once with state starting; a worker makes the cluster. already_exists: RESOURCE_ALREADY_EXISTS.
  virtual Result<Instance> create_instance(const identity::Caller& caller, const Json& spec) = 0;
  virtual Result<Instance> instance(std::string_view name) = 0; ///< not_found: RESOURCE_DOES_NOT_EXIST
  virtual Result<Instance> instance_by_uid(std::string_view uid) = 0;
  virtual Result<std::vector<Instance>> instances() = 0;
  /// Replaces the named members of the spec ("*": all that are sent); `stopped` stops or starts it.
  virtual Result<Instance> update_instance(std::string_view name, const Json& spec, std::string_view update_mask) = 0;
  /// Stops the cluster and removes its data.
  virtual Result<void> delete_instance(std::string_view name) = 0;
  /// Waits until it has left `starting`; error when it failed or after the limit.
  virtual Result<Instance> wait_until_ready(std::string_view name, std::chrono::milliseconds limit) = 0;

  /// Wakes it if it sleeps; blocks up to the wake limit. It stays awake for its idle time at least.
  virtual Result<void> ensure_awake(std::string_view name) = 0;
  /// Wakes it and keeps it awake.
  virtual Result<Lease> use(std::string_view name) = 0;
  virtual bool is_awake(std::string_view name) = 0;
  /// Puts it to sleep now (CHECKPOINT, fast stop) whether idle or not.
  virtual Result<void> sleep_now(std::string_view name) = 0;
  virtual Result<void> set_idle_timeout(std::string_view name, std::chrono::seconds timeout) = 0;

  /// libpq connection string of the system role over the unix socket. Does not wake: hold a Lease.
  virtual Result<std::string> system_connection(std::string_view name, std::string_view database) = 0;

  virtual Result<std::vector<std::string>> databases(std::string_view name) = 0; ///< without templates
  virtual Result<void> create_database(std::string_view name, std::string_view database, bool if_not_exists) = 0;

  virtual Result<Role> create_role(std::string_view instance, const Role& role) = 0;
  virtual Result<Role> role(std::string_view instance, std::string_view name) = 0;
  virtual Result<std::vector<Role>> roles(std::string_view instance) = 0;
  virtual Result<void> delete_role(std::string_view instance, std::string_view name, std::string_view reassign_to) = 0;

  /// CAN_CONNECT_AND_CREATE of an app's resource: a login role named by the client id, CONNECT and CREATE on
  /// the database, SELECT on its synced tables; nothing on other schemas. Makes the database when it is missing.
  virtual Result<void> bind_service_principal(std::string_view instance, std::string_view database,
                                              std::string_view client_id) = 0;
  /// Takes the rights away again; objects that the role owns stay.
  virtual Result<void> unbind_service_principal(std::string_view instance, std::string_view database,
                                                std::string_view client_id) = 0;

  /// PEM of the authority that signs the front's certificates (for PGSSLROOTCERT, NODE_EXTRA_CA_CERTS).
  [[nodiscard]] virtual std::filesystem::path ca_file() const = 0;
};

/// NOLOGIN role whose members may read all synced tables of a database.
std::string synced_readers_role(std::string_view database);

} // namespace pier::lakebase

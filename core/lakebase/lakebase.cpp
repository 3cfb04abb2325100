#include "core/lakebase/lakebase.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/base/guarded.hpp"
#include "core/base/log.hpp"
#include "core/lakebase/front.hpp"
#include "core/lakebase/instance_spec.hpp"
#include "core/lakebase/new_cluster.hpp"
#include "core/lakebase/pg_connection.hpp"
#include "core/lakebase/registry.hpp"
#include "core/lakebase/roles.hpp"
#include "core/lakebase/worker.hpp"

#include <map>

namespace fs = std::filesystem;

namespace pier::lakebase {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using RuntimePtr = std::shared_ptr<InstanceRuntime>;
using Phase = InstanceRuntime::Phase;

class LakebaseImpl final : public Lakebase {
 public:
  LakebaseImpl(Registry registry, identity::Identity& identity, const Clock& clock, Options options)
      : registry_(std::move(registry)),
        identity_(identity),
        clock_(clock),
        options_(std::move(options)),
        worker_([this] { return put_idle_to_sleep(); }) {}

  ~LakebaseImpl() override {
    worker_.stop(); // a cluster that is being made is finished or not begun
    std::vector<std::jthread> stops;
    for (const auto& runtime : all_runtimes()) {
      if (runtime->is_awake()) {
        stops.emplace_back([runtime] { runtime->put_down(Phase::closed); });
      } else {
        runtime->put_down(Phase::closed);
      }
    }
    stops.clear();
    front_.reset();
  }

  /// Takes up what an earlier daemon left: its servers end, its unfinished work goes on.
  Result<void> resume() {
    PIER_TRY_ASSIGN(const auto rows, registry_.all());
    for (const auto& row : rows) {
      const bool unfinished = row.state == InstanceState::starting || row.state == InstanceState::failed;
      const auto phase = unfinished                              ? Phase::provisioning
                         : row.state == InstanceState::available ? Phase::asleep
                                                                 : Phase::stopped;
      const auto runtime = add_runtime(row, phase);
      if (const auto ended = runtime->cluster().stop_leftover(); !ended) {
        log::warn("lakebase", "event=leftover error=" + ended.error().to_string());
      }
      if (row.state == InstanceState::deleting) {
        worker_.post([this, name = row.name] { log_failure("delete", delete_instance(name)); });
        continue;
      }
      if (const auto opened = open_door(row, runtime); !opened) {
        log::warn("lakebase", "event=front error=" + opened.error().to_string());
      }
      if (unfinished) {
        PIER_TRY(registry_.set_state(row.name, InstanceState::starting));
        worker_.post([this, row, runtime] { provision(row, *runtime); });
      }
    }
    return {};
  }

  void set_hooks(LifecycleHooks hooks) override { hooks_.set(std::move(hooks)); }

  Result<Instance> create_instance(const identity::Caller& caller, const Json& sent) override {
    PIER_TRY_ASSIGN(const auto spec, check_instance_spec(sent));
    const auto name = spec.get_string("name");
    PIER_TRY(check_instance_name(name));
    PIER_TRY(PostgresInstall::find(options_.postgres_bin));
    PIER_TRY_ASSIGN(const auto idle, idle_timeout_of(spec));
    InstanceRow row{.name = name,
                    .uid = random_uuid(),
                    .creator = caller.principal.name,
                    .creator_kind = caller.principal.kind == model::PrincipalKind::user ? "USER" : "SERVICE_PRINCIPAL",
                    .created_at = to_epoch_millis(clock_.now()),
                    .idle_timeout = idle.value_or(options_.idle_timeout),
                    .spec = spec};
    if (const auto inserted = registry_.insert(row); !inserted) {
      if (inserted.error().kind == ErrorKind::already_exists) {
        return Error{.kind = ErrorKind::already_exists,
                     .code = "RESOURCE_ALREADY_EXISTS",
                     .message = "Database instance '" + name + "' already exists"};
      }
      return inserted.error();
    }
    const auto runtime = add_runtime(row, Phase::provisioning);
    if (auto opened = open_door(row, runtime); !opened) {
      runtimes_.lock()->erase(name);
      PIER_TRY(registry_.remove(name));
      return std::move(opened).error();
    }
    worker_.post([this, row, runtime] { provision(row, *runtime); });
    return instance(name);
  }

  Result<Instance> instance(std::string_view name) override {
    PIER_TRY_ASSIGN(const auto row, registry_.get(name));
    return describe(row);
  }

  Result<Instance> instance_by_uid(std::string_view uid) override {
    PIER_TRY_ASSIGN(const auto row, registry_.get_by_uid(uid));
    return describe(row);
  }

  Result<std::vector<Instance>> instances() override {
    PIER_TRY_ASSIGN(const auto rows, registry_.all());
    std::vector<Instance> out;
    for (const auto& row : rows) {
      out.push_back(describe(row));
    }
    return out;
  }

  Result<Instance> update_instance(std::string_view name, const Json& sent, std::string_view mask) override {
    PIER_TRY_ASSIGN(const auto row, registry_.get(name));
    PIER_TRY_ASSIGN(const auto runtime, find(name));
    PIER_TRY_ASSIGN(const auto spec, merge_instance_spec(row.spec, sent, mask));
    PIER_TRY_ASSIGN(const auto idle, idle_timeout_of(spec));
    PIER_TRY(registry_.set_spec(name, spec));
    PIER_TRY(set_idle_timeout(name, idle.value_or(options_.idle_timeout)));
    const bool stop = spec.get_bool("stopped");
    if (stop && row.state == InstanceState::available) {
      PIER_TRY(registry_.set_state(name, InstanceState::stopped));
      runtime->put_down(Phase::stopped);
    } else if (!stop && row.state == InstanceState::stopped) {
      PIER_TRY(registry_.set_state(name, InstanceState::available));
      runtime->allow_wake();
    }
    return instance(name);
  }

  Result<void> delete_instance(std::string_view name) override {
    PIER_TRY_ASSIGN(const auto row, registry_.get(name));
    PIER_TRY(registry_.set_state(name, InstanceState::deleting));
    PIER_TRY_ASSIGN(const auto runtime, find(name));
    if (auto front = front_lock_.lock(); front_) {
      front_->remove(row.name);
    }
    worker_.run([&] { runtime->put_down(Phase::closed); }); // after a provisioning that is under way
    PIER_TRY(remove_tree(options_.folder / row.name));
    PIER_TRY(registry_.remove(name));
    runtimes_.lock()->erase(row.name);
    return {};
  }

  Result<Instance> wait_until_ready(std::string_view name, milliseconds limit) override {
    PIER_TRY_ASSIGN(const auto runtime, find(name));
    PIER_TRY(runtime->acquire(limit));
    return instance(name);
  }

  Result<void> ensure_awake(std::string_view name) override {
    PIER_TRY(use(name));
    return {};
  }

  Result<Lease> use(std::string_view name) override {
    PIER_TRY_ASSIGN(const auto runtime, find(name));
    return runtime->acquire(options_.wake_limit);
  }

  bool is_awake(std::string_view name) override {
    const auto runtime = find(name);
    return runtime && (*runtime)->is_awake();
  }

  Result<void> sleep_now(std::string_view name) override {
    PIER_TRY_ASSIGN(const auto runtime, find(name));
    runtime->put_down(Phase::asleep);
    return {};
  }

  Result<void> set_idle_timeout(std::string_view name, seconds timeout) override {
    PIER_TRY_ASSIGN(const auto runtime, find(name));
    PIER_TRY(registry_.set_idle_timeout(name, timeout));
    runtime->set_idle_timeout(timeout);
    worker_.nudge();
    return {};
  }

  Result<std::string> system_connection(std::string_view name, std::string_view database) override {
    PIER_TRY_ASSIGN(const auto runtime, find(name));
    return runtime->connection(database);
  }

  Result<std::vector<std::string>> databases(std::string_view name) override {
    PIER_TRY_ASSIGN(auto system, connect(name));
    return list_databases(system.connection);
  }

  Result<void> create_database(std::string_view name, std::string_view database, bool if_not_exists) override {
    PIER_TRY_ASSIGN(auto system, connect(name));
    return lakebase::create_database(system.connection, database, if_not_exists);
  }

  Result<Role> create_role(std::string_view instance, const Role& role) override {
    if (registry_.get_role(instance, role.name)) {
      return Error{.kind = ErrorKind::already_exists,
                   .code = "RESOURCE_ALREADY_EXISTS",
                   .message = "Role '" + role.name + "' already exists"};
    }
    PIER_TRY_ASSIGN(auto system, connect(instance));
    PIER_TRY(apply_role(system.connection, role));
    PIER_TRY(registry_.put_role(instance, role));
    return role;
  }

  Result<Role> role(std::string_view instance, std::string_view name) override {
    PIER_TRY(registry_.get(instance));
    return registry_.get_role(instance, name);
  }

  Result<std::vector<Role>> roles(std::string_view instance) override {
    PIER_TRY(registry_.get(instance));
    return registry_.roles(instance);
  }

  Result<void> delete_role(std::string_view instance, std::string_view name, std::string_view reassign_to) override {
    PIER_TRY(registry_.get_role(instance, name));
    PIER_TRY_ASSIGN(auto system, connect(instance));
    PIER_TRY(drop_role(system.connection, std::string(name), std::string(reassign_to),
                       [&](const std::string& database) -> Result<PgConnection> {
                         PIER_TRY_ASSIGN(const auto target, system_connection(instance, database));
                         return PgConnection::connect(target);
                       }));
    return registry_.remove_role(instance, name);
  }

  Result<void> bind_service_principal(std::string_view instance, std::string_view database,
                                      std::string_view client_id) override {
    PIER_TRY_ASSIGN(auto system, connect(instance));
    PIER_TRY(lakebase::create_database(system.connection, database, true));
    Role role{.name = std::string(client_id), .identity_type = "SERVICE_PRINCIPAL", .spec = Json::object()};
    if (auto known = registry_.get_role(instance, client_id)) {
      role = *std::move(known); // may have been given more by the API
    }
    PIER_TRY(apply_role(system.connection, role));
    PIER_TRY(grant_binding(system.connection, database, client_id));
    return registry_.put_role(instance, role);
  }

  Result<void> unbind_service_principal(std::string_view instance, std::string_view database,
                                        std::string_view client_id) override {
    PIER_TRY_ASSIGN(auto system, connect(instance));
    return revoke_binding(system.connection, database, client_id);
  }

  [[nodiscard]] fs::path ca_file() const override { return options_.tls_folder / "ca.pem"; }

 private:
  struct SystemConnection {
    Lease lease;
    PgConnection connection;
  };

  Result<SystemConnection> connect(std::string_view name) {
    PIER_TRY_ASSIGN(auto lease, use(name));
    PIER_TRY_ASSIGN(const auto target, system_connection(name, "template1"));
    PIER_TRY_ASSIGN(auto connection, PgConnection::connect(target));
    return SystemConnection{.lease = std::move(lease), .connection = std::move(connection)};
  }

  Result<RuntimePtr> find(std::string_view name) {
    auto runtimes = runtimes_.lock();
    const auto found = runtimes->find(name);
    if (found == runtimes->end()) {
      PIER_TRY(registry_.get(name));
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "INVALID_STATE",
                   .message = "Database instance '" + std::string(name) + "' is going away"};
    }
    return found->second;
  }

  /// A copy, so that the table is free meanwhile.
  std::vector<RuntimePtr> all_runtimes() {
    std::vector<RuntimePtr> all;
    auto runtimes = runtimes_.lock();
    for (const auto& [name, runtime] : *runtimes) {
      all.push_back(runtime);
    }
    return all;
  }

  RuntimePtr add_runtime(const InstanceRow& row, Phase phase) {
    auto cluster = std::make_unique<Cluster>(options_.folder / row.name, options_.postgres_bin, starter_);
    auto runtime = std::make_shared<InstanceRuntime>(row.name, std::move(cluster), hooks_, phase);
    runtime->set_idle_timeout(row.idle_timeout);
    runtimes_.lock()->insert_or_assign(row.name, runtime);
    return runtime;
  }

  Instance describe(const InstanceRow& row) {
    auto out = row.described();
    if (const auto runtime = find(row.name)) {
      out.asleep = !(*runtime)->is_awake();
      out.sessions = (*runtime)->activity().sessions;
    }
    return out;
  }

  /// Listens at the instance's own address: the stored one, or a new one that is stored then.
  Result<void> open_door(const InstanceRow& row, const RuntimePtr& runtime) {
    auto socket =
        row.port != 0 ? listen_at(row.host, row.port) : Result<ListenSocket>(Error{.kind = ErrorKind::not_found});
    if (!socket) {
      socket = listen_anywhere(fs::absolute(options_.folder).string() + "/" + row.name);
      if (!socket) {
        return std::move(socket).error();
      }
      PIER_TRY(registry_.set_address(row.name, socket->host, socket->port));
    }
    auto guard = front_lock_.lock();
    if (!front_) {
      PIER_TRY_ASSIGN(authority_, LocalAuthority::open(options_.tls_folder));
      front_ = std::make_unique<Front>(identity_, FrontOptions{.wake_limit = options_.wake_limit});
    }
    PIER_TRY_ASSIGN(const auto certificate, authority_->issue({"localhost", "*.localhost", "127.0.0.1", socket->host}));
    return front_->add(runtime, *std::move(socket), certificate);
  }

  void provision(const InstanceRow& row, InstanceRuntime& runtime) {
    const auto made = make_cluster_of(row, runtime.cluster());
    const auto major = runtime.cluster().major();
    const auto state = !made                          ? InstanceState::failed
                       : row.spec.get_bool("stopped") ? InstanceState::stopped
                                                      : InstanceState::available;
    log_failure("provision", made);
    log_failure("provision",
                registry_.set_state(row.name, state, made ? "" : made.error().to_string(), major ? *major : 0));
    runtime.provisioned(made);
    if (state == InstanceState::stopped) {
      runtime.put_down(Phase::stopped);
    }
  }

  Result<void> make_cluster_of(const InstanceRow& row, Cluster& cluster) {
    const Role creator{.name = row.creator,
                       .identity_type = row.creator_kind,
                       .membership_role = "DATABRICKS_SUPERUSER",
                       .spec = Json::object()};
    PIER_TRY(make_cluster(cluster, creator, options_.database_template_sql, options_.wake_limit));
    return registry_.put_role(row.name, creator);
  }

  /// Called by the worker; returns whether any instance is awake, so that it looks again soon.
  bool put_idle_to_sleep() {
    bool any_awake = false;
    for (const auto& runtime : all_runtimes()) {
      const auto limit = runtime->idle_timeout();
      if (limit.count() > 0 && runtime->activity().idle_for() >= limit && runtime->is_awake()) {
        runtime->put_down(Phase::asleep, limit);
      }
      any_awake = any_awake || runtime->is_awake();
    }
    return any_awake;
  }

  static void log_failure(std::string_view doing, const Result<void>& result) {
    if (!result) {
      log::warn("lakebase", "event=" + std::string(doing) + " error=" + result.error().to_string());
    }
  }

  Registry registry_;
  identity::Identity& identity_;
  const Clock& clock_;
  Options options_;
  HookTable hooks_{[this] { worker_.nudge(); }};
  ChildStarter starter_;
  Guarded<std::map<std::string, RuntimePtr, std::less<>>> runtimes_;
  Guarded<int> front_lock_{0}; ///< guards front_ and authority_, which are made with the first instance
  std::optional<LocalAuthority> authority_;
  std::unique_ptr<Front> front_;
  Worker worker_; ///< last: its thread uses the rest
};

} // namespace

Result<std::unique_ptr<Lakebase>> Lakebase::open(store::Database& database, identity::Identity& identity,
                                                 const Clock& clock, Options options) {
  PIER_TRY_ASSIGN(auto registry, Registry::open(database));
  auto lakebase = std::make_unique<LakebaseImpl>(std::move(registry), identity, clock, std::move(options));
  PIER_TRY(lakebase->resume());
  return std::unique_ptr<Lakebase>(std::move(lakebase));
}

} // namespace pier::lakebase

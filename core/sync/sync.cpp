#include "core/sync/sync.hpp"

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/sync/column_map.hpp"
#include "core/sync/registry.hpp"
#include "core/sync/run_queue.hpp"
#include "core/sync/table_request.hpp"
#include "core/sync/table_runner.hpp"
#include "core/sync/write_back_service.hpp"

#include <algorithm>

namespace pier::sync {
namespace {

using catalog::Securable;
using catalog::SecurableType;
using std::chrono::milliseconds;

constexpr std::string_view k_default_catalog = "main"; ///< of history tables without a database catalog

Error invalid(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = std::move(message),
               .hint = std::move(hint)};
}

/// What SQL in the lake sees of a synced table: its source, with the rights of whoever made it.
std::string source_query(const model::TableName& source) {
  return "SELECT * FROM `" + source.catalog + "`.`" + source.schema + "`.`" + source.table + "`";
}

class SyncServiceImpl final : public SyncService {
 public:
  SyncServiceImpl(Registry registry, store::Database& database, identity::Identity& identity, catalog::Catalog& catalog,
                  lake::Lake& lake, lakebase::Lakebase& lakebase, const Clock& clock, Options options)
      : registry_(std::move(registry)),
        catalog_(catalog),
        lake_(lake),
        lakebase_(lakebase),
        runner_(registry_, catalog, lake, lakebase, clock),
        write_back_(
            {.database = database,
             .identity = identity,
             .catalog = catalog,
             .lake = lake,
             .lakebase = lakebase,
             .catalog_of = [this](const auto& instance, const auto& name) { return history_catalog(instance, name); },
             .interval = options.write_back_interval}),
        queue_([this](const std::string& table, bool full,
                      const std::stop_token& stop) { runner_.run(table, full, stop); },
               [this] { return look_for_changes(); }, options.poll) {}

  ~SyncServiceImpl() override {
    queue_.stop();
    lakebase_.set_hooks({});
  }

  Result<void> start() {
    lakebase_.set_hooks({.on_awake = [this](const std::string& name) { write_back_.on_awake(name); },
                         .before_sleep = [this](const std::string& name) { write_back_.before_sleep(name); }});
    PIER_TRY(write_back_.start());
    PIER_TRY_ASSIGN(const auto all, registry_.tables());
    for (const auto& table : all) {
      if (table.state == table_state::k_provisioning || table.state == table_state::k_updating) {
        queue_.push(table.name.to_string()); // cut off by the end of an earlier daemon
      }
    }
    return {};
  }

  Result<DatabaseCatalog> create_catalog(const identity::Caller& caller, const Json& body) override {
    PIER_TRY_ASSIGN(auto wanted, parse_catalog_request(body));
    wanted.uid = random_uuid();
    PIER_TRY_ASSIGN(const auto known, lakebase_.databases(wanted.instance));
    if (std::find(known.begin(), known.end(), wanted.database) == known.end()) {
      if (!wanted.create_database_if_not_exists) {
        return invalid("Database '" + wanted.database + "' not found in instance '" + wanted.instance + "'",
                       "set create_database_if_not_exists");
      }
      PIER_TRY(lakebase_.create_database(wanted.instance, wanted.database, true));
    }
    PIER_TRY(catalog_.create(caller,
                             {.type = SecurableType::catalog,
                              .name = wanted.name,
                              .details = Json::object({{"catalog_type", "MANAGED_ONLINE_CATALOG"},
                                                       {"options", Json::object({{"database_instance", wanted.instance},
                                                                                 {"database", wanted.database}})}})}));
    if (auto stored = registry_.insert_catalog(wanted); !stored) {
      [[maybe_unused]] const auto undone =
          catalog_.drop(caller, {.type = SecurableType::catalog, .full_name = wanted.name}, true);
      return std::move(stored).error();
    }
    return wanted;
  }

  Result<DatabaseCatalog> catalog(std::string_view name) override { return registry_.catalog(to_lower(name)); }

  Result<std::vector<DatabaseCatalog>> catalogs(std::string_view instance) override {
    return registry_.catalogs(instance);
  }

  Result<void> delete_catalog(const identity::Caller& caller, std::string_view name) override {
    PIER_TRY_ASSIGN(const auto known, registry_.catalog(to_lower(name)));
    PIER_TRY(require_manage(caller, {.type = SecurableType::catalog, .full_name = known.name}));
    PIER_TRY_ASSIGN(const auto all, registry_.tables());
    for (const auto& table : all) {
      if (table.name.catalog == known.name) {
        PIER_TRY(delete_table(caller, table.name, false));
      }
    }
    const Securable securable{.type = SecurableType::catalog, .full_name = known.name};
    if (auto dropped = catalog_.drop(caller, securable, true);
        !dropped && dropped.error().kind != ErrorKind::not_found) {
      return dropped;
    }
    return registry_.remove_catalog(known.name);
  }

  Result<SyncedTable> create_table(const identity::Caller& caller, const Json& body) override {
    PIER_TRY_ASSIGN(auto request, TableRequest::parse(body));
    auto& table = request.table;
    PIER_TRY(find_database(table));
    if (const auto known = registry_.table(table.name.to_string())) {
      return Error{.kind = ErrorKind::already_exists,
                   .code = "RESOURCE_ALREADY_EXISTS",
                   .message = "Synced database table '" + table.name.to_string() + "' already exists"};
    }
    PIER_TRY_ASSIGN(const auto schema, check_source(caller, table));
    PIER_TRY(ensure_objects(caller, request));
    table.id = random_uuid();
    table.state = table_state::k_provisioning;
    table.message = "the first snapshot waits to be made";
    table.creator = caller.principal.name;
    PIER_TRY(registry_.insert_table(table));
    if (auto listed = catalog_.create_table(caller, {.name = table.name,
                                                     .table_type = "FOREIGN",
                                                     .data_source_format = "DATABASE_TABLE",
                                                     .view_definition = source_query(table.source),
                                                     .columns = catalog_columns(schema.columns)});
        !listed) {
      PIER_TRY(registry_.remove_table(table.name.to_string()));
      return std::move(listed).error();
    }
    queue_.push(table.name.to_string());
    return this->table(table.name);
  }

  Result<SyncedTable> table(const model::TableName& name) override {
    PIER_TRY_ASSIGN(auto table, registry_.table(name.to_string()));
    return complete(std::move(table));
  }

  Result<SyncedTable> table_by_id(std::string_view id) override {
    PIER_TRY_ASSIGN(auto table, registry_.table_by_id(id));
    return complete(std::move(table));
  }

  Result<std::vector<SyncedTable>> tables() override {
    PIER_TRY_ASSIGN(auto all, registry_.tables());
    for (auto& table : all) {
      table = complete(std::move(table));
    }
    return all;
  }

  Result<void> delete_table(const identity::Caller& caller, const model::TableName& name, bool purge) override {
    PIER_TRY_ASSIGN(const auto table, registry_.table(name.to_string()));
    PIER_TRY(require_manage(caller, {.type = SecurableType::table, .full_name = name.to_string()}));
    queue_.cancel(name.to_string());
    if (const auto released = runner_.release(table, purge);
        !released && released.error().kind != ErrorKind::not_found) {
      return released;
    }
    if (auto dropped = catalog_.drop_table(caller, name); !dropped && dropped.error().kind != ErrorKind::not_found) {
      return dropped;
    }
    return registry_.remove_table(name.to_string());
  }

  Result<void> refresh(const model::TableName& name, bool full) override {
    PIER_TRY_ASSIGN(const auto table, registry_.table(name.to_string()));
    if (table.policy != SchedulingPolicy::continuous && table.state != table_state::k_provisioning) {
      PIER_TRY(registry_.set_state(name.to_string(), table_state::k_updating, "a run was asked for"));
    }
    queue_.push(name.to_string(), full);
    return {};
  }

  Result<SyncedTable> wait_until_synced(const model::TableName& name, milliseconds limit) override {
    if (!queue_.wait_idle(name.to_string(), limit)) {
      return Error{.kind = ErrorKind::unavailable,
                   .code = "PIER8107",
                   .message = "synced table " + name.to_string() + " is not ready within " + humanize(limit)};
    }
    PIER_TRY_ASSIGN(auto found, table(name));
    if (found.has_failed()) {
      return Error{.kind = ErrorKind::invalid_state, .code = "PIER8107", .message = found.message};
    }
    return found;
  }

  void source_changed(const model::TableName& source) override {
    const auto all = registry_.tables();
    if (!all) {
      return;
    }
    for (const auto& table : *all) {
      if (table.source == source && table.policy != SchedulingPolicy::snapshot) {
        queue_.push(table.name.to_string());
      }
    }
  }

  Result<void> forget_instance(const identity::Caller& caller, std::string_view instance) override {
    PIER_TRY_ASSIGN(const auto all, registry_.tables());
    for (const auto& table : all) {
      if (table.instance == instance) {
        queue_.cancel(table.name.to_string());
        [[maybe_unused]] const auto gone = catalog_.drop_table(caller, table.name);
        PIER_TRY(registry_.remove_table(table.name.to_string()));
      }
    }
    PIER_TRY_ASSIGN(const auto known, registry_.catalogs(instance));
    for (const auto& entry : known) {
      [[maybe_unused]] const auto gone =
          catalog_.drop(caller, {.type = SecurableType::catalog, .full_name = entry.name}, true);
      PIER_TRY(registry_.remove_catalog(entry.name));
    }
    write_back_.forget(std::string(instance));
    return {};
  }

  std::vector<WriteBackStatus> write_back(std::string_view instance) override { return write_back_.status(instance); }

 private:
  Result<void> require_manage(const identity::Caller& caller, const Securable& securable) {
    const auto may = catalog_.may_manage(caller, securable);
    if (!may) {
      // Dropped in the catalog already: what is left is only the copy.
      return may.error().kind == ErrorKind::not_found ? Result<void>() : Result<void>(may.error());
    }
    if (!*may) {
      return Error{.kind = ErrorKind::permission_denied,
                   .code = "PERMISSION_DENIED",
                   .message = caller.principal.name + " does not have MANAGE on '" + securable.full_name + "'."};
    }
    return {};
  }

  std::string history_catalog(const std::string& instance, const std::string& database) {
    const auto registered = registry_.catalog_of(instance, database);
    return registered && *registered ? (*registered)->name : std::string(k_default_catalog);
  }

  /// By the catalog when it is a database catalog, else by the request.
  Result<void> find_database(SyncedTable& table) {
    if (const auto registered = registry_.catalog(table.name.catalog)) {
      if ((!table.instance.empty() && table.instance != registered->instance) ||
          (!table.database.empty() && table.database != registered->database)) {
        return invalid("the catalog '" + registered->name + "' belongs to the database '" + registered->database +
                       "' of the instance '" + registered->instance + "'");
      }
      table.instance = registered->instance;
      table.database = registered->database;
    }
    if (table.instance.empty() || table.database.empty()) {
      return invalid("database_instance_name and logical_database_name are needed, because '" + table.name.catalog +
                     "' is no database catalog");
    }
    PIER_TRY(lakebase_.instance(table.instance));
    return {};
  }

  Result<lake::TableSchema> check_source(const identity::Caller& caller, const SyncedTable& table) {
    PIER_TRY(catalog_.require(caller, "SELECT", {.type = SecurableType::table, .full_name = table.source.to_string()}));
    PIER_TRY_ASSIGN(const auto info, catalog_.table(table.source));
    bool has_policy = info.row_filter.has_value();
    for (const auto& column : info.columns) {
      has_policy = has_policy || column.mask.has_value();
    }
    if (has_policy) {
      return Error{.kind = ErrorKind::unsupported,
                   .code = "NOT_IMPLEMENTED",
                   .message = "'" + table.source.to_string() +
                              "' has a row filter or a column mask, which would not hold "
                              "in PostgreSQL",
                   .hint = "sync a table that has only what everybody may see"};
    }
    PIER_TRY_ASSIGN(const auto version, lake_.latest_version(table.source));
    PIER_TRY_ASSIGN(auto schema, lake_.schema(table.source, version));
    PIER_TRY(ColumnMap::make(schema.columns, table.key_columns));
    if (!table.timeseries_key.empty()) {
      PIER_TRY(ColumnMap::make(schema.columns, {table.timeseries_key}).context("timeseries_key"));
    }
    return schema;
  }

  Result<void> ensure_objects(const identity::Caller& caller, const TableRequest& request) {
    const auto& table = request.table;
    PIER_TRY_ASSIGN(const bool there, catalog_.schema_exists(table.name.catalog, table.name.schema));
    if (!there) {
      if (!request.create_database_objects) {
        return Error{.kind = ErrorKind::not_found,
                     .code = "SCHEMA_DOES_NOT_EXIST",
                     .message = "Schema '" + table.name.catalog + "." + table.name.schema + "' does not exist.",
                     .hint = "create it, or set create_database_objects_if_missing"};
      }
      PIER_TRY(catalog_.create_schema(caller, table.name.catalog, table.name.schema, ""));
    }
    return catalog_.require(caller, "CREATE_TABLE",
                            {.type = SecurableType::schema, .full_name = table.name.catalog + "." + table.name.schema});
  }

  SyncedTable complete(SyncedTable table) {
    table.updating = queue_.contains(table.name.to_string());
    const auto known = runner_.known_version(table.source);
    table.source_version = known ? known : table.version;
    return table;
  }

  /// Queues the following tables whose sources moved on. Returns whether there are any to watch.
  bool look_for_changes() {
    const auto all = registry_.tables();
    if (!all) {
      return true;
    }
    bool any = false;
    for (const auto& table : *all) {
      const bool follows = table.policy != SchedulingPolicy::snapshot;
      any = any || follows;
      if (follows && runner_.is_behind(table)) {
        queue_.push(table.name.to_string());
      }
    }
    return any;
  }

  Registry registry_;
  catalog::Catalog& catalog_;
  lake::Lake& lake_;
  lakebase::Lakebase& lakebase_;
  TableRunner runner_;
  WriteBackService write_back_;
  RunQueue queue_; ///< last: its thread uses the rest
};

} // namespace

Result<std::unique_ptr<SyncService>> SyncService::open(store::Database& database, identity::Identity& identity,
                                                       catalog::Catalog& catalog, lake::Lake& lake,
                                                       lakebase::Lakebase& lakebase, const Clock& clock,
                                                       Options options) {
  PIER_TRY_ASSIGN(auto registry, Registry::open(database));
  auto service = std::make_unique<SyncServiceImpl>(std::move(registry), database, identity, catalog, lake, lakebase,
                                                   clock, options);
  PIER_TRY(service->start());
  return std::unique_ptr<SyncService>(std::move(service));
}

} // namespace pier::sync

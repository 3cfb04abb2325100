#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <algorithm>

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/postgres/";
constexpr auto k_operation_wait = std::chrono::minutes(60);
constexpr auto k_reconciliation_wait = std::chrono::minutes(2);
constexpr std::string_view k_with_everything = "All data stored in them will be permanently lost:";

/// One of the kinds that live below /api/2.0/postgres: their configuration is flat, the API keeps it in `spec`.
struct Table {
  std::string name;       ///< "postgres_branches"
  std::string collection; ///< "branches"
  std::string id_field;   ///< "branch_id"; also the query parameter of a create
  bool has_parent = true;
  std::vector<std::string> spec; ///< members of the spec
  std::vector<std::string> told; ///< what the workspace tells beside the spec
  std::string always;            ///< member of the spec that is "" when the workspace does not tell it
  /// Durations and times of the spec.
  std::vector<std::string> times;
};

std::string api(const std::string& name) {
  return std::string(k_base) + name; // names hold slashes that stay
}

/// Every change is an operation that is polled until it is done.
Result<Json> finish(Operation& operation, const Json& started) {
  const auto name = started.get_string("name");
  return workspace_client::poll_until(
      operation.client, k_operation_wait, "operation " + name, [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(auto current, operation.client.get(api(name)));
        if (!current.get_bool("done")) {
          return std::optional<Json>();
        }
        if (const auto* error = current.find("error"); error != nullptr && error->is_object()) {
          const auto code = error->get_string("error_code");
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER2053",
                       .message = "operation failed: " + (code.empty() ? "" : "[" + code + "] ") +
                                  error->get_string("message", "unknown error")};
        }
        const auto* response = current.find("response");
        return std::optional(response == nullptr ? Json::object() : *response);
      });
}

/// The members of the spec beside those of the object, as the configuration has them.
Json flat(const Table& table, Json object) {
  auto remote = pick(object, {"name", "status", "uid", "create_time", "update_time", "delete_time", "purge_time",
                              "parent", "initial_endpoint_spec", table.id_field});
  if (const auto* spec = object.find("spec"); spec != nullptr && spec->is_object()) {
    for (const auto& [field, value] : spec->as_object()) {
      remote[field] = value;
    }
  }
  if (!table.always.empty() && !remote.contains(table.always)) {
    remote[table.always] = "";
  }
  // These two are told by their names only.
  const auto prefix = table.collection + "/";
  if (const auto name = remote.get_string("name"); !table.has_parent && name.starts_with(prefix)) {
    if (!remote.contains(table.id_field)) {
      remote[table.id_field] = name.substr(prefix.size());
    }
  }
  return remote;
}

/// An endpoint is usable when nothing is pending any more.
Result<void> wait_for_reconciliation(Operation& operation, const std::string& id) {
  PIER_TRY(workspace_client::poll_until(operation.client, k_reconciliation_wait, "the reconciliation of " + id,
                                        [&]() -> Result<std::optional<Json>> {
                                          PIER_TRY_ASSIGN(auto endpoint, operation.client.get(api(id)));
                                          const bool pending = !text_at(endpoint, "status", "pending_state").empty();
                                          return pending ? std::optional<Json>() : std::optional(std::move(endpoint));
                                        }));
  return {};
}

Result<std::string> create(Operation& operation, const Table& table, const Json& state) {
  http::Query query;
  if (const auto id = state.get_string(table.id_field); !id.empty()) {
    query.add(table.id_field, id);
  }
  if (state.get_bool("replace_existing")) {
    query.add("replace_existing", "true");
  }
  const auto parent = table.has_parent ? state.get_string("parent") + "/" : std::string();
  PIER_TRY_ASSIGN(const auto started,
                  operation.client.post(api(parent + table.collection),
                                        Json::object({{"spec", pick(state, table.spec)}}), std::move(query)));
  PIER_TRY_ASSIGN(const auto made, finish(operation, started));
  const auto id = made.get_string("name");
  if (table.collection == "endpoints") {
    PIER_TRY(wait_for_reconciliation(operation, id));
  }
  return id;
}

/// Fields to change. Of a role, a whole and one of its members together are refused, so only the member is named.
std::vector<std::string> update_paths(const Table& table, const FieldChanges& changes) {
  std::vector<std::string> paths;
  const auto updated = [&](const auto& item) { return item.second.action == Action::update; };
  for (const auto& change : changes) {
    const bool has_member =
        table.name == "postgres_roles" && std::any_of(changes.begin(), changes.end(), [&](const auto& other) {
          return updated(other) && other.first.starts_with(change.first + ".");
        });
    if (updated(change) && !has_member && change.first != "purge_on_delete") {
      paths.push_back("spec." + change.first);
    }
  }
  return paths;
}

Result<void> update(Operation& operation, const Table& table, const Update& update, const Json& state) {
  const auto paths = update_paths(table, update.changes);
  if (paths.empty()) {
    return {};
  }
  std::string mask;
  for (const auto& path : paths) {
    mask += (mask.empty() ? "" : ",") + path;
  }
  http::Query query;
  query.add("update_mask", mask);
  PIER_TRY_ASSIGN(const auto started, operation.client.call({.method = "PATCH",
                                                             .path = api(update.id),
                                                             .query = std::move(query),
                                                             .json = Json::object({{"spec", pick(state, table.spec)}}),
                                                             .body = {},
                                                             .body_file = {},
                                                             .download_to = {},
                                                             .timeout = {}}));
  PIER_TRY(finish(operation, started));
  return table.collection == "endpoints" ? wait_for_reconciliation(operation, update.id) : Result<void>();
}

Result<Json> start_removal(Operation& operation, const std::string& id, const http::Query& query) {
  return workspace_client::poll_until(
      operation.client, k_reconciliation_wait, "the reconciliation of " + id, [&]() -> Result<std::optional<Json>> {
        auto started = operation.client.remove(api(id), query);
        if (started) {
          return std::optional(std::move(started).value());
        }
        const auto& error = started.error();
        const bool busy =
            error.kind == ErrorKind::conflict && error.message.find("reconciliation") != std::string::npos;
        return busy ? Result<std::optional<Json>>(std::optional<Json>()) : Result<std::optional<Json>>(error);
      });
}

Result<void> remove(Operation& operation, const std::string& id, const Json& state) {
  http::Query query;
  if (state.get_bool("purge_on_delete")) {
    query.add("purge", "true");
  }
  PIER_TRY_ASSIGN(const auto started, start_removal(operation, id, query));
  PIER_TRY(finish(operation, started));
  return {};
}

Kind make(const Table& table) {
  Kind kind;
  kind.name = table.name;
  kind.state_fields = table.spec;
  kind.state_fields.push_back(table.id_field);
  for (const auto* extra : {"parent", "replace_existing", "purge_on_delete"}) {
    const bool used = table.has_parent
                          ? extra != std::string_view("purge_on_delete") || table.name == "postgres_branches"
                          : extra == std::string_view("purge_on_delete") && table.name == "postgres_projects";
    if (used) {
      kind.state_fields.emplace_back(extra);
    }
  }
  kind.remote_fields = table.told;
  kind.remote_fields.insert(kind.remote_fields.end(), {"name", "status", "create_time"});
  kind.rules.unseen = table.times;
  for (const auto& field : table.spec) {
    kind.rules.ignore_remote.push_back(FieldRule{.field = field, .reason = "spec:input_only", .values = {}});
  }
  kind.rules.not_returned = {"replace_existing", "purge_on_delete"};
  kind.read = [table](Operation& operation, const std::string& id) -> Result<Json> {
    PIER_TRY_ASSIGN(auto object, operation.client.get(api(id)));
    return flat(table, std::move(object));
  };
  kind.create = [table](Operation& operation, Json& state) { return create(operation, table, state); };
  kind.remove = remove;
  return kind;
}

void make_updatable(Kind& kind, const Table& table) {
  kind.update = [table](Operation& operation, const Update& change, Json& state) {
    return update(operation, table, change, state);
  };
  kind.rules.ignore_local = rules("input_only; cannot be updated after create", {"replace_existing"});
}

Kind projects() {
  const Table table{.name = "postgres_projects",
                    .collection = "projects",
                    .id_field = "project_id",
                    .has_parent = false,
                    .spec = {"budget_policy_id", "custom_tags", "default_branch", "default_endpoint_settings",
                             "display_name", "enable_pg_native_login", "history_retention_duration", "pg_version"},
                    .told = {"uid", "delete_time", "purge_time", "update_time", "initial_endpoint_spec"},
                    .always = {},
                    .times = {"history_retention_duration", "default_endpoint_settings.suspend_timeout_duration"}};
  auto kind = make(table);
  make_updatable(kind, table);
  kind.rules.ignore_local.clear();
  kind.rules.id_fields = rules("id_field", {"project_id"});
  kind.rules.recreate = rules("spec:immutable", {"pg_version"});
  kind.data_loss =
      "This action will result in the deletion or recreation of Lakebase projects with all their branches, "
      "databases and endpoints. " +
      std::string(k_with_everything);
  return kind;
}

Kind branches() {
  const Table table{.name = "postgres_branches",
                    .collection = "branches",
                    .id_field = "branch_id",
                    .has_parent = true,
                    .spec = {"expire_time", "is_protected", "no_expiry", "source_branch", "source_branch_lsn",
                             "source_branch_time", "ttl"},
                    .told = {"uid", "update_time"},
                    .always = {},
                    .times = {"expire_time", "source_branch_time", "ttl"}};
  auto kind = make(table);
  make_updatable(kind, table);
  kind.rules.id_fields = rules("id_field", {"parent", "branch_id"});
  kind.rules.recreate = rules("spec:immutable", {"source_branch", "source_branch_lsn", "source_branch_time"});
  kind.data_loss =
      "This action will result in the deletion or recreation of Lakebase branches. " + std::string(k_with_everything);
  return kind;
}

Kind endpoints() {
  const Table table{.name = "postgres_endpoints",
                    .collection = "endpoints",
                    .id_field = "endpoint_id",
                    .has_parent = true,
                    .spec = {"autoscaling_limit_max_cu", "autoscaling_limit_min_cu", "disabled", "endpoint_type",
                             "group", "no_suspension", "settings", "suspend_timeout_duration"},
                    .told = {"uid", "update_time"},
                    .always = "endpoint_type",
                    .times = {"suspend_timeout_duration"}};
  auto kind = make(table);
  make_updatable(kind, table);
  kind.rules.id_fields = rules("id_field", {"parent", "endpoint_id"});
  kind.rules.recreate = rules("spec:immutable", {"endpoint_type"});
  return kind;
}

Kind databases() {
  const Table table{.name = "postgres_databases",
                    .collection = "databases",
                    .id_field = "database_id",
                    .has_parent = true,
                    .spec = {"postgres_database", "role"},
                    .told = {"update_time"},
                    .always = "role",
                    .times = {}};
  auto kind = make(table);
  make_updatable(kind, table);
  kind.rules.id_fields = rules("id_field", {"parent", "database_id"});
  kind.data_loss =
      "This action will result in the deletion or recreation of Lakebase databases. " + std::string(k_with_everything);
  return kind;
}

Kind roles() {
  const Table table{.name = "postgres_roles",
                    .collection = "roles",
                    .id_field = "role_id",
                    .has_parent = true,
                    .spec = {"attributes", "auth_method", "identity_type", "membership_roles", "postgres_role"},
                    .told = {"update_time"},
                    .always = {},
                    .times = {}};
  auto kind = make(table);
  make_updatable(kind, table);
  kind.rules.recreate = rules("immutable", {"parent", "role_id", "postgres_role", "auth_method", "identity_type"});
  return kind;
}

Kind postgres_catalogs() {
  auto kind = make({.name = "postgres_catalogs",
                    .collection = "catalogs",
                    .id_field = "catalog_id",
                    .has_parent = false,
                    .spec = {"branch", "create_database_if_missing", "postgres_database"},
                    .told = {"uid", "update_time"},
                    .always = "postgres_database",
                    .times = {}});
  kind.rules.id_fields = rules("id_field", {"catalog_id"});
  kind.rules.recreate = rules("immutable", {""});
  return kind;
}

Kind postgres_synced_tables() {
  auto kind = make({.name = "postgres_synced_tables",
                    .collection = "synced_tables",
                    .id_field = "synced_table_id",
                    .has_parent = false,
                    .spec = {"accelerated_sync", "branch", "create_database_objects_if_missing", "existing_pipeline_id",
                             "extra_columns", "new_pipeline_spec", "postgres_database", "primary_key_columns",
                             "scheduling_policy", "source_table_full_name", "timeseries_key", "type_overrides"},
                    .told = {"uid"},
                    .always = {},
                    .times = {}});
  kind.rules.id_fields = rules("id_field", {"synced_table_id"});
  kind.rules.recreate = rules("immutable", {""});
  return kind;
}

} // namespace

std::vector<Kind> postgres() {
  std::vector<Kind> kinds;
  kinds.push_back(projects());
  kinds.push_back(branches());
  kinds.push_back(endpoints());
  kinds.push_back(databases());
  kinds.push_back(roles());
  kinds.push_back(postgres_catalogs());
  kinds.push_back(postgres_synced_tables());
  return kinds;
}

} // namespace pier::deploy::kinds

#include "core/deploy/status.hpp"

#include "core/base/clock.hpp"
#include "core/base/guarded.hpp"
#include "core/base/text.hpp"
#include "core/deploy/deployment_record.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/state_store.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <map>

namespace pier::deploy {
namespace {

using workspace_client::encode_segment;

std::string text_in(const Json& json, std::initializer_list<std::string_view> path) {
  const auto* value = json.find_path(path);
  if (value == nullptr || value->is_null()) {
    return {};
  }
  return value->is_string() ? value->as_string() : value->dump();
}

std::string without_prefix(std::string text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// "group users (CAN_USE)" of each entry.
std::vector<std::string> who_may_use(const Json& permissions) {
  std::vector<std::string> users;
  const auto* list = permissions.find("access_control_list");
  if (list == nullptr || !list->is_array()) {
    return users;
  }
  for (const auto& control : list->as_array()) {
    std::string who = control.get_string("user_name");
    if (const auto group = control.get_string("group_name"); !group.empty()) {
      who = "group " + group;
    } else if (const auto principal = control.get_string("service_principal_name"); !principal.empty()) {
      who = "service principal " + principal;
    }
    const auto* levels = control.find("all_permissions");
    if (levels != nullptr && levels->is_array() && !levels->is_empty()) {
      who += " (" + levels->as_array().front().get_string("permission_level") + ")";
    }
    users.push_back(std::move(who));
  }
  return users;
}

class Reader {
 public:
  explicit Reader(Session& session)
      : session_(session),
        client_(session.client) {}

  Result<TargetStatus> run() {
    PIER_TRY_ASSIGN(const auto pulled,
                    pull_state(session_.bundle, client_, session_.observer, Pull::without_local_files));
    const auto& state = pulled.state;
    PIER_TRY_ASSIGN(const auto record, read_deployment_record(session_.bundle, client_));
    (*status_.lock()).last_deploy = record.get_string("timestamp");
    std::vector<std::string> keys;
    for (const auto& [key, resource] : state.resources()) {
      keys.push_back(key);
    }
    PIER_TRY(for_each_parallel(8, keys, [&](const std::string& key) { return read_one(key, *state.find(key)); }));
    auto status = std::move(*status_.lock());
    for (const auto& [key, node] : session_.bundle.graph.nodes) {
      if (!key.is_part() && state.find(key.to_string()) == nullptr) {
        status.not_deployed.push_back(key.kind + "." + key.key);
      }
    }
    sort_all(status);
    return status;
  }

 private:
  Result<void> read_one(const std::string& key, const DeployedResource& resource) {
    const auto parsed = model::ResourceKey::parse(key);
    if (!parsed || parsed->is_part()) {
      return {};
    }
    if (parsed->kind == "apps") {
      return read_app(parsed->key, resource.id);
    }
    if (parsed->kind == "database_instances") {
      return read_database(parsed->key, resource.id);
    }
    if (parsed->kind == "synced_database_tables") {
      return read_synced_table(parsed->key, resource.id);
    }
    if (parsed->kind == "jobs") {
      return read_job(parsed->key, resource);
    }
    (*status_.lock()).others.push_back({short_key(key), resource.id});
    return {};
  }

  /// The answer, or nothing when the thing is gone.
  Result<std::optional<Json>> ask(const std::string& path) {
    auto answer = client_.get(path);
    if (!answer) {
      if (answer.error().kind == ErrorKind::not_found) {
        return std::optional<Json>();
      }
      return std::move(answer).error();
    }
    return std::optional(std::move(answer).value());
  }

  Result<void> read_app(const std::string& key, const std::string& name) {
    AppStatus app{.key = key, .name = name, .state = "MISSING"};
    PIER_TRY_ASSIGN(const auto found, ask("/api/2.0/apps/" + encode_segment(name)));
    if (found) {
      app.state = text_in(*found, {"app_status", "state"});
      const auto compute = text_in(*found, {"compute_status", "state"});
      if (app.state.empty() || (compute != "ACTIVE" && !compute.empty())) {
        app.state = compute;
      }
      // The local workspace lets apps sleep, which the API has no word for.
      if (const auto local = text_in(*found, {"app_status", "local_state"}); !local.empty()) {
        app.state = local;
      }
      app.message = text_in(*found, {"app_status", "message"});
      app.url = found->get_string("url");
      app.deployed_at = text_in(*found, {"active_deployment", "create_time"});
      // Reading permissions needs more rights than seeing the app.
      if (const auto permissions = client_.get("/api/2.0/permissions/apps/" + encode_segment(name))) {
        app.users = who_may_use(*permissions);
      }
    }
    (*status_.lock()).apps.push_back(std::move(app));
    return {};
  }

  Result<void> read_database(const std::string& key, const std::string& name) {
    DatabaseStatus database{.key = key, .name = name, .state = "MISSING"};
    PIER_TRY_ASSIGN(const auto found, ask("/api/2.0/database/instances/" + encode_segment(name)));
    if (found) {
      database.state = found->get_string("state");
      database.host = found->get_string("read_write_dns");
      database.version = without_prefix(found->get_string("pg_version"), "PG_VERSION_");
    }
    PIER_TRY(read_write_backs(name));
    (*status_.lock()).databases.push_back(std::move(database));
    return {};
  }

  /// Only the local workspace lists them; elsewhere there is no such call.
  Result<void> read_write_backs(const std::string& instance) {
    const auto answer = client_.get("/api/2.0/database/instances/" + encode_segment(instance) + "/write_back");
    const auto* list = answer ? answer->find("tables") : nullptr;
    if (list == nullptr || !list->is_array()) {
      return {};
    }
    auto status = status_.lock();
    for (const auto& item : list->as_array()) {
      const auto database = item.get_string("database") + "." + item.get_string("schema") + ".";
      status->write_backs.push_back({.table = database + item.get_string("table"),
                                     .target = item.get_string("history_table"),
                                     .state = item.get_string("state"),
                                     .lag = humanize(std::chrono::milliseconds(item.get_integer("latency_ms")))});
    }
    return {};
  }

  Result<void> read_synced_table(const std::string& key, const std::string& name) {
    SyncedTableStatus table{.key = key, .name = name, .state = "MISSING"};
    PIER_TRY_ASSIGN(const auto found, ask("/api/2.0/database/synced_tables/" + encode_segment(name)));
    if (found) {
      const auto* sync = found->find("data_synchronization_status");
      const Json none;
      const auto& details = sync == nullptr ? none : *sync;
      table.source = text_in(*found, {"spec", "source_table_full_name"});
      table.state = without_prefix(details.get_string("detailed_state"), "SYNCED_TABLE_");
      table.message = details.get_string("message");
      table.version = text_in(details, {"last_sync", "delta_table_sync_info", "delta_commit_version"});
      table.synced_at = text_in(details, {"last_sync", "sync_end_timestamp"});
      table.lag = lag_of(details);
    }
    (*status_.lock()).synced_tables.push_back(std::move(table));
    return {};
  }

  /// How many commits of the source are not there yet, where the workspace tells its version.
  static std::string lag_of(const Json& status) {
    const auto* source = status.find("source_commit_version");
    const auto* synced = status.find_path({"last_sync", "delta_table_sync_info", "delta_commit_version"});
    if (source == nullptr || synced == nullptr || !source->is_integer() || !synced->is_integer()) {
      return {};
    }
    const auto behind = source->as_integer() - synced->as_integer();
    return behind <= 0 ? "up to date" : std::to_string(behind) + (behind == 1 ? " commit" : " commits") + " behind";
  }

  Result<void> read_job(const std::string& key, const DeployedResource& resource) {
    JobStatus job{.key = key, .name = resource.state.get_string("name")};
    parse_int64(resource.id, job.id);
    auto runs = workspace_client::Jobs(client_).list_runs(job.id, false, 1);
    if (!runs && runs.error().kind == ErrorKind::not_found) {
      job.last_result = "MISSING";
    } else if (!runs) {
      return std::move(runs).error();
    } else if (!runs->empty()) {
      const auto& run = runs->front();
      const auto result = text_in(run, {"state", "result_state"});
      job.last_result = result.empty() ? text_in(run, {"state", "life_cycle_state"}) : result;
      job.last_start = to_rfc3339(from_epoch_millis(run.get_integer("start_time")));
      job.url = run.get_string("run_page_url");
    }
    (*status_.lock()).jobs.push_back(std::move(job));
    return {};
  }

  template <class List> static void sort_by_key(List& list) {
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  }

  static void sort_all(TargetStatus& status) {
    sort_by_key(status.apps);
    sort_by_key(status.databases);
    sort_by_key(status.synced_tables);
    sort_by_key(status.jobs);
    sort_by_key(status.others);
    std::sort(status.write_backs.begin(), status.write_backs.end(),
              [](const auto& a, const auto& b) { return a.table < b.table; });
  }

  Session& session_;
  workspace_client::RestClient& client_;
  Guarded<TargetStatus> status_;
};

template <class Item> Json list_to_json(const std::vector<Item>& items, Json (*convert)(const Item&)) {
  auto list = Json::array();
  for (const auto& item : items) {
    list.push_back(convert(item));
  }
  return list;
}

Json app_to_json(const AppStatus& app) {
  return Json::object({{"key", app.key},
                       {"name", app.name},
                       {"state", app.state},
                       {"message", app.message},
                       {"url", app.url},
                       {"users", Json::strings(app.users)},
                       {"deployed_at", app.deployed_at}});
}

Json database_to_json(const DatabaseStatus& database) {
  return Json::object({{"key", database.key},
                       {"name", database.name},
                       {"state", database.state},
                       {"host", database.host},
                       {"version", database.version}});
}

Json synced_table_to_json(const SyncedTableStatus& table) {
  return Json::object({{"key", table.key},
                       {"name", table.name},
                       {"source", table.source},
                       {"state", table.state},
                       {"message", table.message},
                       {"version", table.version},
                       {"synced_at", table.synced_at},
                       {"lag", table.lag}});
}

Json write_back_to_json(const WriteBackStatus& item) {
  return Json::object({{"table", item.table}, {"target", item.target}, {"state", item.state}, {"lag", item.lag}});
}

Json job_to_json(const JobStatus& job) {
  return Json::object({{"key", job.key},
                       {"name", job.name},
                       {"id", job.id},
                       {"last_result", job.last_result},
                       {"last_start", job.last_start},
                       {"url", job.url}});
}

Json other_to_json(const OtherStatus& other) {
  return Json::object({{"key", other.key}, {"id", other.id}});
}

} // namespace

Json TargetStatus::to_json() const {
  return Json::object({{"last_deploy", last_deploy},
                       {"apps", list_to_json(apps, app_to_json)},
                       {"databases", list_to_json(databases, database_to_json)},
                       {"synced_tables", list_to_json(synced_tables, synced_table_to_json)},
                       {"write_backs", list_to_json(write_backs, write_back_to_json)},
                       {"jobs", list_to_json(jobs, job_to_json)},
                       {"others", list_to_json(others, other_to_json)},
                       {"not_deployed", Json::strings(not_deployed)}});
}

Result<TargetStatus> read_status(Session& session) {
  return Reader(session).run();
}

} // namespace pier::deploy

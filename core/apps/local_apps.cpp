#include "core/apps/local_apps.hpp"

#include "core/apps/app_config.hpp"
#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

constexpr std::size_t k_max_apps = 100; ///< per workspace, as on the platform

identity::ObjectRef object(std::string_view name) {
  return {"apps", std::string(name)};
}

Error invalid(std::string message) {
  return {.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Error bad_request(std::string message) {
  return {.kind = ErrorKind::invalid_state, .code = "BAD_REQUEST", .message = std::move(message)};
}

Json update_document(const AppRecord& app, std::string_view state, std::string_view message) {
  Json json = app.config.is_object() ? app.config : Json::object();
  json["status"] = Json::object({{"state", state}, {"message", message}});
  return json;
}

} // namespace

Result<std::unique_ptr<Apps>> Apps::open(Options options, Rooms rooms) {
  PIER_TRY(make_directories(options.folder, 0700));
  if (options.guard_program.empty()) {
    options.guard_program = beside_executable("pier-guard");
  }
  if (options.ports_library.empty()) {
    const auto library = beside_executable("pier-ports.so");
    std::error_code code;
    options.ports_library = fs::exists(library, code) ? library : fs::path();
  }
  PIER_TRY_ASSIGN(const auto registry, Registry::open(rooms.database));
  return std::unique_ptr<Apps>(std::make_unique<LocalApps>(std::move(options), std::move(rooms), registry));
}

LocalApps::LocalApps(Options options, Rooms rooms, Registry registry)
    : shared_(std::move(options), std::move(rooms), registry) {}

LocalApps::~LocalApps() {
  LocalApps::shut_down();
}

Result<void> LocalApps::start(WorkspaceAddress address) {
  shared_.address = std::move(address);
  PIER_TRY_ASSIGN(auto key, shared_.registry.setting("session_key"));
  if (!key) {
    key = hex_encode(random_bytes(32));
    PIER_TRY(shared_.registry.set_setting("session_key", *key));
  }
  PIER_TRY_ASSIGN(auto revoked, shared_.registry.revoked_sessions(now()));
  GatewayOptions options{.session_key = Secret(*key), .revoked_sessions = std::move(revoked)};
  options.wake_timeout = shared_.options.timings.wake_timeout;
  PIER_TRY_ASSIGN(shared_.gateway, Gateway::start(std::move(options), *this, shared_.rooms.clock));
  PIER_TRY_ASSIGN(auto apps, shared_.registry.apps());
  for (auto& app : apps) {
    PIER_TRY(open_door(app));
    const auto runtime = add_runtime(app.name);
    if (app.compute == Compute::deleting) {
      runtime->remove();
    } else {
      runtime->resume();
    }
  }
  return {};
}

void LocalApps::shut_down() {
  decltype(runtimes_) runtimes;
  {
    const std::lock_guard lock(mutex_);
    runtimes.swap(runtimes_);
  }
  // All at once: each waits for its program's grace time.
  std::vector<std::jthread> stopping;
  for (auto& [name, runtime] : runtimes) {
    stopping.emplace_back([one = std::move(runtime)]() mutable { one.reset(); });
  }
  stopping.clear();
  shared_.gateway.reset();
}

Result<void> LocalApps::open_door(AppRecord& app) {
  auto port = shared_.gateway->open(app.name, app.port);
  if (!port && port.error().kind == ErrorKind::conflict) {
    log::warn("apps", "event=port_taken app=" + app.name + " port=" + std::to_string(app.port));
    port = shared_.gateway->open(app.name, 0);
  }
  PIER_TRY_ASSIGN(const auto chosen, std::move(port));
  app.port = chosen;
  if (auto kept = shared_.registry.change(app.name, [&](AppRecord& record) { record.port = chosen; });
      !kept && kept.error().kind != ErrorKind::not_found) {
    return std::move(kept).error();
  }
  return {};
}

std::shared_ptr<AppRuntime> LocalApps::runtime(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = runtimes_.find(name);
  return found == runtimes_.end() ? nullptr : found->second;
}

std::shared_ptr<AppRuntime> LocalApps::add_runtime(const std::string& name) {
  auto fresh = std::make_shared<AppRuntime>(shared_, name);
  const std::lock_guard lock(mutex_);
  std::erase_if(runtimes_, [](const auto& entry) { return entry.second->is_over(); });
  runtimes_.insert_or_assign(name, fresh);
  return fresh;
}

Result<Json> LocalApps::document(const AppRecord& app) {
  const auto find = [&](const std::string& id) -> std::optional<DeploymentRecord> {
    if (id.empty()) {
      return std::nullopt;
    }
    auto found = shared_.registry.deployment(app.name, id);
    return found ? std::optional(std::move(*found)) : std::nullopt;
  };
  auto json = app_document(app, find(app.active_deployment), find(app.pending_deployment));
  if (const auto scopes = user_scopes(app.config); !scopes.empty()) {
    json["effective_user_api_scopes"] = Json::strings(scopes);
  }
  return json;
}

Result<AppRecord> LocalApps::manageable(const identity::Caller& caller, std::string_view name) {
  PIER_TRY(check_started());
  PIER_TRY_ASSIGN(auto app, shared_.registry.app(name));
  PIER_TRY(shared_.rooms.permissions.require(caller, object(name), "CAN_MANAGE"));
  if (app.compute == Compute::deleting) {
    return bad_request("App " + app.name + " is being deleted.");
  }
  return app;
}

Result<AppRecord> LocalApps::active(const identity::Caller& caller, std::string_view name) {
  PIER_TRY_ASSIGN(auto app, manageable(caller, name));
  if (app.compute != Compute::active) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "INVALID_STATE",
                 .message = "Cannot deploy app " + app.name + " as its compute is not active.",
                 .hint = "start it first: databricks apps start " + app.name};
  }
  return app;
}

Result<void> LocalApps::check_started() const {
  if (!shared_.gateway) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "TEMPORARILY_UNAVAILABLE",
                 .message = "the workspace is starting; apps follow in a moment"};
  }
  return {};
}

Result<Json> LocalApps::create(const identity::Caller& caller, const Json& request, bool no_compute) {
  PIER_TRY(check_started());
  const auto name = request.get_string("name");
  PIER_TRY(check_app_name(name));
  PIER_TRY_ASSIGN(auto config, config_of_request(request));
  PIER_TRY_ASSIGN(const auto all, shared_.registry.apps());
  if (const auto same = shared_.registry.app(name)) {
    return Error{.kind = ErrorKind::already_exists,
                 .code = "RESOURCE_ALREADY_EXISTS",
                 .message = same->compute == Compute::deleting
                                ? "An app named " + name + " is being deleted; its name is free in a moment"
                                : "An app with the same name already exists: " + name};
  }
  if (all.size() >= k_max_apps) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "RESOURCE_LIMIT_EXCEEDED",
                 .message = "this workspace has " + std::to_string(k_max_apps) + " apps, which is the limit"};
  }
  AppRecord app{.name = name, .id = random_uuid(), .config = std::move(config)};
  app.creator = app.updater = caller.principal.name;
  app.created_at = app.updated_at = now();
  app.compute = no_compute ? Compute::stopped : Compute::active;
  PIER_TRY_ASSIGN(const auto principal,
                  shared_.rooms.identity.create_service_principal("app-" + app.id.substr(0, 6) + " " + name));
  app.service_principal = principal.principal;
  const auto undo = [&](Error error) {
    shared_.gateway->close(name);
    [[maybe_unused]] const auto removed = shared_.rooms.identity.remove_principal(app.service_principal.id);
    return error;
  };
  if (auto granted = grant_resources(shared_.rooms, caller, app.service_principal, app.config); !granted) {
    return undo(std::move(granted).error());
  }
  if (auto opened = open_door(app); !opened) {
    return undo(std::move(opened).error());
  }
  if (auto kept = shared_.registry.insert(app); !kept) {
    return undo(std::move(kept).error());
  }
  PIER_TRY(shared_.rooms.permissions.created(object(name), caller));
  add_runtime(name)->begin();
  return document(app);
}

Result<Json> LocalApps::get(const identity::Caller& caller, std::string_view name) {
  PIER_TRY_ASSIGN(const auto app, shared_.registry.app(name));
  PIER_TRY(shared_.rooms.permissions.require(caller, object(name), "CAN_USE"));
  return document(app);
}

Result<Page> LocalApps::list(const identity::Caller& caller, std::int64_t page_size, std::string_view page_token) {
  PIER_TRY_ASSIGN(const auto apps, shared_.registry.apps());
  std::vector<Json> items;
  for (const auto& app : apps) {
    PIER_TRY_ASSIGN(const bool visible, shared_.rooms.permissions.allows(caller, object(app.name), "CAN_USE"));
    if (visible) {
      PIER_TRY_ASSIGN(auto json, document(app));
      items.push_back(std::move(json));
    }
  }
  return page_of(std::move(items), page_size, page_token);
}

Result<AppRecord> LocalApps::change_config(const identity::Caller& caller, const AppRecord& app, const Json& config) {
  PIER_TRY(grant_resources(shared_.rooms, caller, app.service_principal, config));
  PIER_TRY(revoke_resources(shared_.rooms, caller, app.service_principal, app.config, config));
  return shared_.registry.change(app.name, [&](AppRecord& record) {
    record.config = config;
    record.updater = caller.principal.name;
    record.updated_at = now();
  });
}

Result<Json> LocalApps::patch(const identity::Caller& caller, std::string_view name, const Json& request) {
  PIER_TRY_ASSIGN(const auto app, manageable(caller, name));
  PIER_TRY_ASSIGN(const auto config, apply_update(app.config, request, "*"));
  PIER_TRY_ASSIGN(const auto changed, change_config(caller, app, config));
  return document(changed);
}

Result<Json> LocalApps::create_update(const identity::Caller& caller, std::string_view name, const Json& request) {
  PIER_TRY_ASSIGN(const auto app, manageable(caller, name));
  const Json* change = request.find("app");
  if (change == nullptr || request.get_string("update_mask").empty()) {
    return invalid("an update needs app and update_mask");
  }
  PIER_TRY_ASSIGN(const auto config, apply_update(app.config, *change, request.get_string("update_mask")));
  PIER_TRY(change_config(caller, app, config));
  // The change is done when it is answered; the status is there for clients that poll it.
  PIER_TRY_ASSIGN(const auto changed, shared_.registry.change(name, [](AppRecord& record) {
    record.update = Json::object({{"state", "SUCCEEDED"}, {"message", "App updated successfully"}});
  }));
  return update_document(changed, "IN_PROGRESS", "App is being updated");
}

Result<Json> LocalApps::get_update(const identity::Caller& caller, std::string_view name) {
  PIER_TRY_ASSIGN(const auto app, shared_.registry.app(name));
  PIER_TRY(shared_.rooms.permissions.require(caller, object(name), "CAN_USE"));
  if (app.update.is_null()) {
    return update_document(app, "NOT_UPDATED", "");
  }
  return update_document(app, app.update.get_string("state"), app.update.get_string("message"));
}

Result<Json> LocalApps::start_app(const identity::Caller& caller, std::string_view name) {
  PIER_TRY_ASSIGN(const auto app, manageable(caller, name));
  if (app.compute == Compute::active && app.state != AppState::crashed) {
    return document(app);
  }
  PIER_TRY_ASSIGN(const auto changed, shared_.registry.change(name, [](AppRecord& record) {
    record.compute = Compute::active;
    record.state = record.last_deployment.empty() ? AppState::unavailable : AppState::deploying;
    record.message.clear();
    record.active_deployment = record.last_deployment;
  }));
  if (const auto found = runtime(name)) {
    found->run_again();
  }
  return document(changed);
}

Result<Json> LocalApps::stop_app(const identity::Caller& caller, std::string_view name) {
  PIER_TRY_ASSIGN(const auto app, manageable(caller, name));
  PIER_TRY_ASSIGN(const auto changed, shared_.registry.change(name, [](AppRecord& record) {
    record.compute = Compute::stopped;
    record.state = AppState::unavailable;
    record.message.clear();
    record.active_deployment.clear();
  }));
  if (const auto found = runtime(name)) {
    found->stop();
  }
  return document(changed);
}

Result<Json> LocalApps::remove(const identity::Caller& caller, std::string_view name) {
  PIER_TRY_ASSIGN(const auto app, manageable(caller, name));
  // Rights that the resources gave go with the service principal; those of the catalog are taken back here.
  if (const auto revoked = revoke_resources(shared_.rooms, caller, app.service_principal, app.config, Json::object());
      !revoked) {
    log::warn("apps", "event=revoke_failed app=" + app.name + " error=" + revoked.error().to_string());
  }
  PIER_TRY_ASSIGN(const auto changed,
                  shared_.registry.change(name, [](AppRecord& record) { record.compute = Compute::deleting; }));
  if (const auto found = runtime(name)) {
    found->remove();
  }
  return document(changed);
}

Result<void> LocalApps::set_idle_timeout(const identity::Caller& caller, std::string_view name,
                                         std::chrono::milliseconds timeout) {
  if (timeout.count() < 0) {
    return invalid("the idle time must not be negative");
  }
  if (!name.empty()) {
    PIER_TRY(manageable(caller, name));
    PIER_TRY(shared_.registry.change(name, [&](AppRecord& app) { app.idle_timeout_ms = timeout.count(); }));
  } else if (!caller.is_admin) {
    return Error{.kind = ErrorKind::permission_denied,
                 .code = "PERMISSION_DENIED",
                 .message = "only admins set the idle time of all apps"};
  } else {
    PIER_TRY(shared_.registry.set_setting("idle_timeout_ms", std::to_string(timeout.count())));
  }
  const std::lock_guard lock(mutex_);
  for (auto& [app, one] : runtimes_) {
    one->settings_changed();
  }
  return {};
}

} // namespace pier::apps

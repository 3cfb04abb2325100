#include "core/apps/registry.hpp"

#include <array>

namespace pier::apps {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"(
  CREATE TABLE apps_apps (name TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE apps_deployments (
    app TEXT NOT NULL REFERENCES apps_apps(name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (app, id));
  CREATE INDEX apps_deployments_by_time ON apps_deployments(app, created_at);
  CREATE TABLE apps_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE apps_revoked_sessions (id TEXT PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;
)"};

Error no_app(std::string_view name) {
  return {.kind = ErrorKind::not_found,
          .code = "RESOURCE_DOES_NOT_EXIST",
          .message = "App with name " + std::string(name) + " does not exist or is deleted."};
}

Error no_deployment(std::string_view app, std::string_view id) {
  return {.kind = ErrorKind::not_found,
          .code = "RESOURCE_DOES_NOT_EXIST",
          .message = "App " + std::string(app) + " has no deployment " + std::string(id) + "."};
}

} // namespace

Result<Registry> Registry::open(store::Database& database) {
  PIER_TRY(database.ensure_schema("apps", k_schema));
  return Registry(database);
}

Result<void> Registry::insert(const AppRecord& app) {
  PIER_TRY(
      database_->execute("INSERT INTO apps_apps (name, document) VALUES (?, ?)", {app.name, app.to_json().dump()}));
  return {};
}

Result<AppRecord> Registry::app(std::string_view name) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT document FROM apps_apps WHERE name = ?", {std::string(name)}));
  if (rows.empty()) {
    return no_app(name);
  }
  PIER_TRY_ASSIGN(const auto json, Json::parse(rows.front().text(0)));
  return AppRecord::from_json(json);
}

Result<std::vector<AppRecord>> Registry::apps() {
  PIER_TRY_ASSIGN(const auto rows, database_->query("SELECT document FROM apps_apps ORDER BY name"));
  std::vector<AppRecord> apps;
  for (const auto& row : rows) {
    PIER_TRY_ASSIGN(const auto json, Json::parse(row.text(0)));
    apps.push_back(AppRecord::from_json(json));
  }
  return apps;
}

Result<AppRecord> Registry::change(std::string_view name, const std::function<void(AppRecord&)>& edit) {
  return database_->transaction([&]() -> Result<AppRecord> {
    PIER_TRY_ASSIGN(auto record, app(name));
    edit(record);
    PIER_TRY(database_->execute("UPDATE apps_apps SET document = ? WHERE name = ?",
                                {record.to_json().dump(), std::string(name)}));
    return record;
  });
}

Result<void> Registry::remove(std::string_view name) {
  PIER_TRY(database_->execute("DELETE FROM apps_apps WHERE name = ?", {std::string(name)}));
  return {};
}

Result<void> Registry::insert(const DeploymentRecord& deployment) {
  PIER_TRY(database_->execute("INSERT INTO apps_deployments (app, id, created_at, document) VALUES (?, ?, ?, ?)",
                              {deployment.app, deployment.id, deployment.created_at, deployment.to_json().dump()}));
  return {};
}

Result<DeploymentRecord> Registry::deployment(std::string_view app, std::string_view id) {
  PIER_TRY_ASSIGN(const auto rows, database_->query("SELECT document FROM apps_deployments WHERE app = ? AND id = ?",
                                                    {std::string(app), std::string(id)}));
  if (rows.empty()) {
    return no_deployment(app, id);
  }
  PIER_TRY_ASSIGN(const auto json, Json::parse(rows.front().text(0)));
  return DeploymentRecord::from_json(json);
}

Result<std::vector<DeploymentRecord>> Registry::deployments(std::string_view app) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT document FROM apps_deployments WHERE app = ? ORDER BY created_at DESC, id",
                                   {std::string(app)}));
  std::vector<DeploymentRecord> deployments;
  for (const auto& row : rows) {
    PIER_TRY_ASSIGN(const auto json, Json::parse(row.text(0)));
    deployments.push_back(DeploymentRecord::from_json(json));
  }
  return deployments;
}

Result<DeploymentRecord> Registry::change_deployment(std::string_view app, std::string_view id,
                                                     const std::function<void(DeploymentRecord&)>& edit) {
  return database_->transaction([&]() -> Result<DeploymentRecord> {
    PIER_TRY_ASSIGN(auto record, deployment(app, id));
    edit(record);
    PIER_TRY(database_->execute("UPDATE apps_deployments SET document = ? WHERE app = ? AND id = ?",
                                {record.to_json().dump(), std::string(app), std::string(id)}));
    return record;
  });
}

Result<std::optional<std::string>> Registry::setting(std::string_view key) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT value FROM apps_settings WHERE key = ?", {std::string(key)}));
  return rows.empty() ? std::optional<std::string>() : std::optional(rows.front().text(0));
}

Result<void> Registry::set_setting(std::string_view key, std::string_view value) {
  PIER_TRY(database_->execute("INSERT INTO apps_settings (key, value) VALUES (?, ?) "
                              "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                              {std::string(key), std::string(value)}));
  return {};
}

Result<std::vector<std::string>> Registry::revoked_sessions(std::int64_t now_millis) {
  PIER_TRY(database_->execute("DELETE FROM apps_revoked_sessions WHERE expires < ?", {now_millis}));
  PIER_TRY_ASSIGN(const auto rows, database_->query("SELECT id FROM apps_revoked_sessions"));
  std::vector<std::string> ids;
  for (const auto& row : rows) {
    ids.push_back(row.text(0));
  }
  return ids;
}

Result<void> Registry::revoke_session(std::string_view id, std::int64_t expires_millis) {
  PIER_TRY(database_->execute("INSERT OR REPLACE INTO apps_revoked_sessions (id, expires) VALUES (?, ?)",
                              {std::string(id), expires_millis}));
  return {};
}

} // namespace pier::apps

#include "cli/database_migrations.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/deploy/state_store.hpp"
#include "core/migrate/app_access.hpp"
#include "core/migrate/database_login.hpp"
#include "core/migrate/migrator.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::cli {
namespace {

using deploy::Event;

std::filesystem::path record_file(const model::Bundle& bundle) {
  return bundle.local_dir / "migrations.digest";
}

} // namespace

Result<void> DatabaseMigrations::load() {
  PIER_TRY_ASSIGN(targets_, migrate::migration_targets(session_.bundle, diagnostics_));
  if (diagnostics_.has_errors()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2038",
                 .message = "the migrations have errors, nothing was deployed",
                 .hint = "correct the places above"};
  }
  return {};
}

Result<void> DatabaseMigrations::before_app_code(const std::string& app) {
  {
    const std::lock_guard lock(mutex_);
    if (!outcome_) {
      outcome_ = apply_all();
    }
    if (!*outcome_) {
      return *outcome_;
    }
  }
  return give_access(app).context("giving app " + app + " access to its databases");
}

Result<void> DatabaseMigrations::after_apply(bool changed) {
  const std::lock_guard lock(mutex_);
  if (!outcome_) {
    const auto known = read_file(record_file(session_.bundle), 4096);
    if (targets_.empty() || (!changed && known && *known == digest())) {
      return {};
    }
    outcome_ = apply_all();
  }
  return *outcome_;
}

std::string DatabaseMigrations::digest() const {
  std::string lines = session_.client.host() + "\n";
  for (const auto& [set, instance] : targets_) {
    for (const auto& file : set.files) {
      lines += instance + "/" + set.database + "/" + file.path + " " + file.sha256 + "\n";
    }
  }
  return hex_encode(sha256(lines));
}

Result<void> DatabaseMigrations::apply_all() {
  if (targets_.empty()) {
    return {};
  }
  for (const auto& target : targets_) {
    PIER_TRY(apply_target(target).context("migrating " + target.instance + "/" + target.set.database));
  }
  return write_file_atomically(record_file(session_.bundle), digest(), Durability::none, 0600);
}

Result<void> DatabaseMigrations::apply_target(const migrate::MigrationTarget& target) {
  PIER_TRY_ASSIGN(auto connection,
                  migrate::log_in(session_.client, target.instance, target.set.database, session_.user.user_name));
  migrate::ApplyOptions options;
  options.stop = session_.client.stop_token();
  options.on_applied = [&](const migrate::AppliedMigration& migration) {
    ++applied_;
    session_.observer.on_event(Event{
        .type = Event::Type::step_finished, .subject = migration.path, .text = "applied", .took = migration.duration});
  };
  PIER_TRY_ASSIGN(auto report, migrate::apply_migrations(connection, target.set, options));
  const bool failed = report.diagnostics.has_errors();
  diagnostics_.append(std::move(report.diagnostics));
  if (failed) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER2039",
                 .message = "a migration failed, nothing of it was applied",
                 .hint = "correct the place above and deploy again"};
  }
  return {};
}

Result<void> DatabaseMigrations::give_access(const std::string& app) {
  PIER_TRY_ASSIGN(const auto found, workspace_client::Apps(session_.client).get(app));
  const auto* resources = found.find("resources");
  if (resources == nullptr || !resources->is_array()) {
    return {};
  }
  for (const auto& resource : resources->as_array()) {
    const auto* binding = resource.find("database");
    if (binding == nullptr) {
      continue;
    }
    const auto instance = binding->get_string("instance_name");
    const auto database = binding->get_string("database_name");
    migrate::AppAccess access{.database = database, .principals = {found.get_string("service_principal_client_id")}};
    for (auto& table : migrate::synced_tables(session_.bundle.graph)) {
      if (table.instance == instance && table.database == database) {
        access.synced_tables.push_back(std::move(table.table));
      }
    }
    const bool migrated = std::any_of(targets_.begin(), targets_.end(), [&](const migrate::MigrationTarget& target) {
      return target.instance == instance && target.set.database == database;
    });
    // Without migrations only synced tables are left to grant, and the local workspace grants those itself.
    if (!migrated && (access.synced_tables.empty() || session_.client.is_loopback())) {
      continue;
    }
    PIER_TRY_ASSIGN(auto connection, migrate::log_in(session_.client, instance, database, session_.user.user_name));
    PIER_TRY_ASSIGN(const auto report, migrate::grant_app_access(connection, access));
    for (const auto& line : report.done) {
      session_.observer.on_event(Event{.type = Event::Type::line, .subject = "apps." + app, .text = line});
    }
    for (const auto& line : report.waiting) {
      session_.observer.on_event(
          Event{.type = Event::Type::warning, .subject = app, .text = line + " does not exist yet"});
    }
  }
  return {};
}

} // namespace pier::cli

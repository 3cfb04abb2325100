#include "cli/console.hpp"
#include "cli/session.hpp"
#include "core/base/clock.hpp"
#include "core/migrate/bundle_migrations.hpp"
#include "core/migrate/database_login.hpp"
#include "core/migrate/migrator.hpp"

namespace pier::cli {
namespace {

using migrate::MigrationState;
using migrate::MigrationTarget;

/// The bundle's target and its migrations; nothing when the report says what is wrong.
struct MigrationSession {
  std::unique_ptr<TargetSession> target;
  std::vector<MigrationTarget> databases;

  Result<migrate::Connection> log_in(const MigrationTarget& database) {
    return migrate::log_in(*target->workspace.client, database.instance, database.set.database,
                           target->session->user.user_name);
  }
};

Result<std::optional<MigrationSession>> open_session(const Arguments& arguments, Context& context, Report& report) {
  MigrationSession session;
  PIER_TRY_ASSIGN(session.target, open_target(arguments, context, report));
  if (!session.target) {
    return std::optional<MigrationSession>();
  }
  PIER_TRY_ASSIGN(session.databases, migrate::migration_targets(session.target->session->bundle, report.diagnostics));
  if (report.diagnostics.has_errors()) {
    report.exit_code = ExitCode::failed;
    return std::optional<MigrationSession>();
  }
  if (session.databases.empty()) {
    report.text = "no migrations: there is no folder migrations/<instance>/<database>/\n";
    report.json = Json::array();
    return std::optional<MigrationSession>();
  }
  return std::optional(std::move(session));
}

std::string coloured(MigrationState state, const Style& style) {
  const std::string text(migrate::to_string(state));
  const std::string padding(text.size() < 13 ? 13 - text.size() : 1, ' ');
  switch (state) {
  case MigrationState::applied: return style.green(text) + padding;
  case MigrationState::pending:
  case MigrationState::partial: return style.yellow(text) + padding;
  default: return style.red(text) + padding;
  }
}

std::string describe(const migrate::MigrationStatus& status, const Style& style) {
  std::string line = "  " + coloured(status.state, style) + status.version + "  " +
                     (status.kind == migrate::MigrationKind::versioned ? status.name : "(repeatable)");
  if (!status.applied_at.empty()) {
    line += style.dim("  " + status.applied_at + " by " + status.actor);
  }
  return line + "\n";
}

Json to_json(const migrate::MigrationStatus& status) {
  auto out = Json::object({{"kind", status.kind == migrate::MigrationKind::versioned ? "versioned" : "repeatable"},
                           {"version", status.version},
                           {"name", status.name},
                           {"state", migrate::to_string(status.state)}});
  if (!status.path.empty()) {
    out["path"] = status.path;
  }
  if (!status.applied_at.empty()) {
    out["applied_at"] = status.applied_at;
    out["actor"] = status.actor;
  }
  return out;
}

Result<Report> show_status(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(auto session, open_session(arguments, context, report));
  if (!session) {
    return report;
  }
  const auto style = context.console.out_style();
  report.json = Json::array();
  for (const auto& database : session->databases) {
    PIER_TRY_ASSIGN(auto connection, session->log_in(database));
    PIER_TRY_ASSIGN(const auto statuses, migrate::migration_status(connection, database.set));
    report.text += style.bold(database.instance + "/" + database.set.database) + "\n";
    auto list = Json::array();
    for (const auto& status : statuses) {
      report.text += describe(status, style);
      list.push_back(to_json(status));
    }
    migrate::check_history(statuses, false, report.diagnostics);
    report.json.push_back(Json::object(
        {{"instance", database.instance}, {"database", database.set.database}, {"migrations", std::move(list)}}));
  }
  if (report.diagnostics.has_errors()) {
    report.exit_code = ExitCode::failed;
  }
  return report;
}

Result<Report> apply(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(auto session, open_session(arguments, context, report));
  if (!session) {
    return report;
  }
  announce_target(*session->target, context.console);
  migrate::ApplyOptions options;
  options.allow_out_of_order = arguments.has("allow-out-of-order");
  options.stop = context.stop;
  options.on_applied = [&context](const migrate::AppliedMigration& applied) {
    context.console.status("  applied " + applied.path + " (" + humanize(applied.duration) + ")");
  };
  std::size_t total = 0;
  report.json = Json::array();
  for (const auto& database : session->databases) {
    const auto doing = "migrating " + database.instance + "/" + database.set.database;
    PIER_TRY_ASSIGN(auto connection, session->log_in(database).context(doing));
    PIER_TRY_ASSIGN(auto outcome, migrate::apply_migrations(connection, database.set, options).context(doing));
    total += outcome.applied.size();
    for (const auto& applied : outcome.applied) {
      report.json.push_back(Json::object({{"instance", database.instance},
                                          {"database", database.set.database},
                                          {"path", applied.path},
                                          {"statements", static_cast<std::int64_t>(applied.statements)},
                                          {"milliseconds", static_cast<std::int64_t>(applied.duration.count())}}));
    }
    const bool failed = outcome.diagnostics.has_errors();
    report.diagnostics.append(std::move(outcome.diagnostics));
    if (failed) {
      report.exit_code = ExitCode::failed;
      return report;
    }
  }
  report.text = total == 0 ? "nothing to do, every migration is applied\n"
                           : std::to_string(total) + (total == 1 ? " migration" : " migrations") + " applied\n";
  return report;
}

} // namespace

CommandSpec migrate_status_command() {
  return {.name = "migrate status",
          .summary = "Show which migrations are applied",
          .description =
              "Compares the files in migrations/<instance>/<database>/ with what the databases of the target\n"
              "remember. Changes nothing.",
          .examples = {"pier migrate status", "pier migrate status -t prod -o json"},
          .run = show_status};
}

CommandSpec migrate_apply_command() {
  return {.name = "migrate apply",
          .summary = "Apply pending migrations",
          .description =
              "Each file runs in one transaction: all of it is applied, or nothing. A file that begins with the line\n"
              "`-- pier:transaction off` runs statement by statement and goes on where it stopped. `pier deploy` does\n"
              "this too, before apps get their new code.",
          .options = {{.name = "allow-out-of-order", .help = "accept a migration older than the newest applied one"}},
          .examples = {"pier migrate apply", "pier migrate apply -t prod"},
          .run = apply};
}

} // namespace pier::cli

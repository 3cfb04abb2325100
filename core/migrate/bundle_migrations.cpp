#include "core/migrate/bundle_migrations.hpp"

#include "core/base/text.hpp"
#include "core/migrate/database_login.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::migrate {

namespace {

constexpr int k_max_references = 32;

const Json* config_of(const model::ResourceGraph& graph, std::string_view kind, const std::string& key) {
  const auto* node = graph.find({std::string(kind), key, {}});
  return node == nullptr ? nullptr : &node->config;
}

/// A text whose references lead to texts in the configuration; empty when one of them does not.
std::string resolved(const model::ResourceGraph& graph, std::string text) {
  for (int round = 0; round < k_max_references; ++round) {
    const auto references = model::find_references(text);
    if (references.empty()) {
      return text;
    }
    const auto& first = references.front();
    const auto target = model::parse_resource_reference(first.path);
    const auto* config = target ? config_of(graph, target->target.kind, target->target.key) : nullptr;
    for (const auto& step : target ? split(target->field, '.') : std::vector<std::string>()) {
      config = config == nullptr ? nullptr : config->find(step);
    }
    if (config == nullptr || !config->is_string()) {
      return {};
    }
    text.replace(first.begin, first.end - first.begin, config->as_string());
  }
  return {};
}

std::string resolved_member(const model::ResourceGraph& graph, const Json& config, std::string_view member) {
  return resolved(graph, config.get_string(member));
}

/// By resource key, by name, or by the end of the name: targets may put a prefix before it.
std::string instance_of_folder(const model::ResourceGraph& graph, const std::string& folder) {
  std::string by_end;
  for (const auto& [key, node] : graph.nodes) {
    if (key.kind != "database_instances" || key.is_part()) {
      continue;
    }
    const auto name = resolved_member(graph, node.config, "name");
    if (key.key == folder || name == folder) {
      return name;
    }
    if (name.ends_with("-" + folder) || name.ends_with("_" + folder)) {
      by_end = by_end.empty() ? name : folder; // two of them: the folder has to say which
    }
  }
  return by_end.empty() ? folder : by_end;
}

} // namespace

Result<std::vector<MigrationTarget>> migration_targets(const model::Bundle& bundle, Diagnostics& diagnostics) {
  PIER_TRY_ASSIGN(auto sets, read_migrations(bundle.root, diagnostics));
  std::vector<MigrationTarget> out;
  for (auto& set : sets) {
    auto instance = instance_of_folder(bundle.graph, set.instance);
    out.push_back({std::move(set), std::move(instance)});
  }
  return out;
}

std::vector<SyncedTable> synced_tables(const model::ResourceGraph& graph) {
  std::vector<SyncedTable> out;
  for (const auto& [key, node] : graph.nodes) {
    if (key.kind != "synced_database_tables" || key.is_part()) {
      continue;
    }
    const auto parts = split(resolved_member(graph, node.config, "name"), '.');
    if (parts.size() != 3) {
      continue;
    }
    SyncedTable table{.instance = resolved_member(graph, node.config, "database_instance_name"),
                      .database = resolved_member(graph, node.config, "logical_database_name"),
                      .table = parts[1] + "." + parts[2]};
    // In a catalog that is a database's, that database is meant.
    for (const auto& [other, catalog] : graph.nodes) {
      if (other.kind == "database_catalogs" && !other.is_part() &&
          resolved_member(graph, catalog.config, "name") == parts[0]) {
        table.instance = resolved_member(graph, catalog.config, "database_instance_name");
        table.database = resolved_member(graph, catalog.config, "database_name");
      }
    }
    if (!table.instance.empty() && !table.database.empty()) {
      out.push_back(std::move(table));
    }
  }
  return out;
}

BundleMigrations::BundleMigrations(const model::Bundle& bundle, workspace_client::RestClient& client, std::string user,
                                   Report report)
    : bundle_(bundle),
      client_(client),
      user_(std::move(user)),
      report_(std::move(report)) {}

Result<void> BundleMigrations::read() {
  PIER_TRY_ASSIGN(pending_, migration_targets(bundle_, diagnostics_));
  if (diagnostics_.has_errors()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER8404",
                 .message = "the migrations have errors",
                 .hint = "pier migrate status shows them"};
  }
  return {};
}

Result<std::vector<BundleMigrations::Binding>> BundleMigrations::bindings_of(const std::string& app_name) {
  std::vector<Binding> out;
  PIER_TRY_ASSIGN(const auto app, workspace_client::Apps(client_).get(app_name));
  const auto* resources = app.find("resources");
  if (resources == nullptr || !resources->is_array()) {
    return out;
  }
  for (const auto& resource : resources->as_array()) {
    if (const auto* database = resource.find("database")) {
      out.push_back({database->get_string("instance_name"), database->get_string("database_name"),
                     app.get_string("service_principal_client_id")});
    }
  }
  return out;
}

Result<void> BundleMigrations::before_app_code(const std::string& app_name) {
  PIER_TRY_ASSIGN(const auto bindings, bindings_of(app_name));
  const std::lock_guard guard(mutex_);
  for (const auto& binding : bindings) {
    if (std::find(bindings_.begin(), bindings_.end(), binding) == bindings_.end()) {
      bindings_.push_back(binding);
    }
    for (auto target = pending_.begin(); target != pending_.end();) {
      if (target->instance == binding.instance && target->set.database == binding.database) {
        PIER_TRY(migrate(*target));
        target = pending_.erase(target);
      } else {
        ++target;
      }
    }
    PIER_TRY(grant(binding.instance, binding.database, false));
  }
  return {};
}

Result<void> BundleMigrations::finish() {
  const std::lock_guard guard(mutex_);
  for (auto& target : pending_) {
    PIER_TRY(migrate(target));
  }
  pending_.clear();
  std::vector<std::pair<std::string, std::string>> done;
  for (const auto& binding : bindings_) {
    const std::pair database(binding.instance, binding.database);
    if (std::find(done.begin(), done.end(), database) == done.end()) {
      done.push_back(database);
      PIER_TRY(grant(binding.instance, binding.database, true));
    }
  }
  return {};
}

Result<void> BundleMigrations::migrate(MigrationTarget& target) {
  const auto doing = "migrating " + target.instance + "/" + target.set.database;
  if (target.set.files.empty()) {
    return {};
  }
  PIER_TRY_ASSIGN(auto connection, log_in(client_, target.instance, target.set.database, user_).context(doing));
  ApplyOptions options;
  options.stop = client_.stop_token();
  options.on_applied = [this](const AppliedMigration& applied) { report_("applied " + applied.path); };
  PIER_TRY_ASSIGN(auto outcome, apply_migrations(connection, target.set, options).context(doing));
  const bool failed = outcome.diagnostics.has_errors();
  std::string first;
  for (const auto& problem : outcome.diagnostics.all()) {
    if (problem.severity == Severity::error) {
      first = (problem.spans.empty() ? "" : problem.spans.front().to_string() + ": ") + problem.summary;
      break;
    }
  }
  diagnostics_.append(std::move(outcome.diagnostics));
  if (failed) {
    return Error{.kind = ErrorKind::invalid_state, .code = "PIER8420", .message = first}.with_context(doing);
  }
  return {};
}

Result<void> BundleMigrations::grant(const std::string& instance, const std::string& database,
                                     bool with_synced_tables) {
  AppAccess access{.database = database};
  for (const auto& binding : bindings_) {
    if (binding.instance == instance && binding.database == database && !binding.principal.empty()) {
      access.principals.push_back(binding.principal);
    }
  }
  if (with_synced_tables) {
    for (const auto& table : synced_tables(bundle_.graph)) {
      if (table.instance == instance && table.database == database) {
        access.synced_tables.push_back(table.table);
      }
    }
  }
  const auto doing = "giving apps their rights in " + instance + "/" + database;
  PIER_TRY_ASSIGN(auto connection, log_in(client_, instance, database, user_).context(doing));
  PIER_TRY_ASSIGN(const auto granted, grant_app_access(connection, access).context(doing));
  for (const auto& sentence : granted.done) {
    report_(instance + "/" + database + ": " + sentence);
  }
  return {};
}

} // namespace pier::migrate

#include "cli/database_migrations.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/deploy/references.hpp"
#include "core/deploy/state_store.hpp"
#include "core/migrate/app_access.hpp"
#include "core/migrate/migrator.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

using deploy::Event;

std::filesystem::path record_file(const model::Bundle& bundle) {
  return deploy::local_state_dir(bundle) / "migrations.digest";
}

/// "host:5433" → host and port.
void set_address(migrate::ConnectionParameters& parameters, const std::string& address) {
  const auto colon = address.rfind(':');
  std::int64_t port = 0;
  if (colon != std::string::npos && address.find(':') == colon && parse_int64(address.substr(colon + 1), port) &&
      port > 0 && port < 65536) {
    parameters.host = address.substr(0, colon);
    parameters.port = static_cast<std::uint16_t>(port);
  } else {
    parameters.host = address;
  }
}

} // namespace

Result<migrate::Connection> open_database(workspace_client::RestClient& client, const std::string& user,
                                          const std::string& instance, const std::string& database) {
  PIER_TRY_ASSIGN(const auto found,
                  client.get("/api/2.0/database/instances/" + workspace_client::encode_segment(instance)));
  PIER_TRY_ASSIGN(const auto credential, client.post("/api/2.0/database/credentials",
                                                     Json::object({{"request_id", random_uuid()},
                                                                   {"instance_names", Json::array({instance})}})));
  migrate::ConnectionParameters parameters;
  set_address(parameters, found.get_string("read_write_dns"));
  parameters.user = user;
  parameters.password = Secret(credential.get_string("token"));
  parameters.database = database;
  return migrate::Connection::open(parameters);
}

Result<void> DatabaseMigrations::load() {
  PIER_TRY_ASSIGN(sets_, migrate::read_migrations(session_.bundle.root, diagnostics_));
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
    if (sets_.empty() || (!changed && known && *known == digest())) {
      return {};
    }
    outcome_ = apply_all();
  }
  return *outcome_;
}

std::string DatabaseMigrations::digest() const {
  std::string lines = session_.client.host() + "\n";
  for (const auto& set : sets_) {
    for (const auto& file : set.files) {
      lines += set.instance + "/" + set.database + "/" + file.path + " " + file.sha256 + "\n";
    }
  }
  return hex_encode(sha256(lines));
}

Result<void> DatabaseMigrations::apply_all() {
  if (sets_.empty()) {
    return {};
  }
  for (const auto& set : sets_) {
    PIER_TRY(apply_set(set).context("migrating " + set.instance + "/" + set.database));
  }
  return write_file_atomically(record_file(session_.bundle), digest(), Durability::none, 0600);
}

Result<void> DatabaseMigrations::apply_set(const migrate::MigrationSet& set) {
  PIER_TRY_ASSIGN(const auto instance, instance_name(set.instance));
  PIER_TRY_ASSIGN(auto connection, open_database(session_.client, session_.user.user_name, instance, set.database));
  migrate::ApplyOptions options;
  options.stop = session_.client.stop_token();
  options.on_applied = [&](const migrate::AppliedMigration& migration) {
    ++applied_;
    session_.observer.on_event(Event{
        .type = Event::Type::step_finished, .subject = migration.path, .text = "applied", .took = migration.duration});
  };
  PIER_TRY_ASSIGN(auto report, migrate::apply_migrations(connection, set, options));
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
    const migrate::AppAccess access{.database = database,
                                    .principals = {found.get_string("service_principal_client_id")},
                                    .synced_tables = synced_tables_in(instance, database)};
    const bool migrated = [&] {
      for (const auto& set : sets_) {
        const auto name = instance_name(set.instance);
        if (name && *name == instance && set.database == database) {
          return true;
        }
      }
      return false;
    }();
    // Without migrations only synced tables are left to grant, and the local workspace grants those itself.
    if (!migrated && (access.synced_tables.empty() || session_.client.is_loopback())) {
      continue;
    }
    PIER_TRY_ASSIGN(auto connection, open_database(session_.client, session_.user.user_name, instance, database));
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

/// The configuration with references to fields that other resources state.
Json DatabaseMigrations::resolved(const model::ResourceNode& node) const {
  auto config = node.config;
  const auto look_up = [&](const deploy::ReferenceTarget& target, const std::string&) -> Result<std::optional<Json>> {
    const auto* other = session_.bundle.graph.find(target.node);
    // The id of the resources that matter here is their name.
    const auto field = target.field.to_string() == "id" ? deploy::FieldPath::parse("name") : target.field;
    const auto* value = other == nullptr ? nullptr : field.find_in(other->config);
    return value == nullptr ? std::optional<Json>() : std::optional(*value);
  };
  // Two rounds: a name may be made of another name.
  for (int round = 0; round < 2; ++round) {
    if (!deploy::resolve_references(config, {}, look_up)) {
      break;
    }
  }
  return config;
}

Result<std::string> DatabaseMigrations::instance_name(const std::string& folder) const {
  std::vector<std::string> known;
  for (const auto& [key, node] : session_.bundle.graph.nodes) {
    if (key.kind != "database_instances" || key.is_part()) {
      continue;
    }
    const auto name = resolved(node).get_string("name");
    if (key.key == folder || name == folder) {
      return name;
    }
    known.push_back(key.key);
  }
  if (known.empty()) {
    return folder; // the instance belongs to another bundle
  }
  const auto near = nearest(folder, known);
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER2040",
               .message = "migrations/" + folder + " belongs to no database instance of the bundle",
               .hint = "name the folder " + (near.empty() ? known.front() : near)};
}

std::vector<std::string> DatabaseMigrations::synced_tables_in(const std::string& instance,
                                                              const std::string& database) const {
  std::map<std::string, Json> catalogs; // by name
  std::vector<std::string> tables;
  for (const auto& [key, node] : session_.bundle.graph.nodes) {
    if (key.kind == "database_catalogs" && !key.is_part()) {
      auto catalog = resolved(node);
      const auto name = catalog.get_string("name");
      catalogs.emplace(name, std::move(catalog));
    }
  }
  for (const auto& [key, node] : session_.bundle.graph.nodes) {
    if (key.kind != "synced_database_tables" || key.is_part()) {
      continue;
    }
    const auto table = resolved(node);
    const auto name = table.get_string("name");
    const auto dot = name.find('.');
    const auto catalog = catalogs.find(name.substr(0, dot));
    const Json none;
    const auto& home = catalog == catalogs.end() ? none : catalog->second;
    const auto its_instance = table.get_string("database_instance_name", home.get_string("database_instance_name"));
    const auto its_database = table.get_string("logical_database_name", home.get_string("database_name"));
    if (dot != std::string::npos && its_instance == instance && its_database == database) {
      tables.push_back(name.substr(dot + 1));
    }
  }
  return tables;
}

} // namespace pier::cli

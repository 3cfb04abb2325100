#include "core/lakebase/registry.hpp"

#include <array>

namespace pier::lakebase {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"sql(
CREATE TABLE lakebase_instances (
  name TEXT PRIMARY KEY, uid TEXT NOT NULL UNIQUE, creator TEXT NOT NULL, creator_kind TEXT NOT NULL,
  created_at INTEGER NOT NULL, state TEXT NOT NULL, message TEXT NOT NULL, major INTEGER NOT NULL,
  host TEXT NOT NULL, port INTEGER NOT NULL, idle_seconds INTEGER NOT NULL, spec TEXT NOT NULL);
CREATE TABLE lakebase_roles (
  instance TEXT NOT NULL REFERENCES lakebase_instances(name) ON DELETE CASCADE, name TEXT NOT NULL,
  identity_type TEXT NOT NULL, membership TEXT NOT NULL, createdb INTEGER NOT NULL, createrole INTEGER NOT NULL,
  bypassrls INTEGER NOT NULL, spec TEXT NOT NULL, PRIMARY KEY (instance, name));
)sql"};

constexpr std::string_view k_columns =
    "name, uid, creator, creator_kind, created_at, state, message, major, host, port, idle_seconds, spec";

constexpr std::array k_states = {InstanceState::starting, InstanceState::available, InstanceState::stopped,
                                 InstanceState::deleting, InstanceState::failed};

InstanceState parse_state(std::string_view text) {
  for (const auto state : k_states) {
    if (to_string(state) == text) {
      return state;
    }
  }
  return InstanceState::failed;
}

Json parse_spec(const std::string& text) {
  const auto parsed = Json::parse(text);
  return parsed ? *parsed : Json::object();
}

InstanceRow instance_of(const store::Row& row) {
  return InstanceRow{.name = row.text(0),
                     .uid = row.text(1),
                     .creator = row.text(2),
                     .creator_kind = row.text(3),
                     .created_at = row.integer(4),
                     .state = parse_state(row.text(5)),
                     .message = row.text(6),
                     .major = static_cast<int>(row.integer(7)),
                     .host = row.text(8),
                     .port = static_cast<std::uint16_t>(row.integer(9)),
                     .idle_timeout = std::chrono::seconds(row.integer(10)),
                     .spec = parse_spec(row.text(11))};
}

Role role_of(const store::Row& row) {
  return Role{.name = row.text(0),
              .identity_type = row.text(1),
              .membership_role = row.text(2),
              .createdb = row.integer(3) != 0,
              .createrole = row.integer(4) != 0,
              .bypassrls = row.integer(5) != 0,
              .spec = parse_spec(row.text(6))};
}

Error no_instance(std::string_view name) {
  return Error{.kind = ErrorKind::not_found,
               .code = "RESOURCE_DOES_NOT_EXIST",
               .message = "Database instance '" + std::string(name) + "' not found"};
}

} // namespace

std::string_view to_string(InstanceState state) {
  switch (state) {
  case InstanceState::starting: return "STARTING";
  case InstanceState::available: return "AVAILABLE";
  case InstanceState::stopped: return "STOPPED";
  case InstanceState::deleting: return "DELETING";
  case InstanceState::failed: return "FAILED";
  }
  return "FAILED";
}

Result<Registry> Registry::open(store::Database& database) {
  PIER_TRY(database.ensure_schema("lakebase", k_schema));
  return Registry(database);
}

Result<void> Registry::insert(const InstanceRow& row) {
  PIER_TRY(database_->execute("INSERT INTO lakebase_instances (" + std::string(k_columns) +
                                  ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                              {row.name, row.uid, row.creator, row.creator_kind, row.created_at,
                               std::string(to_string(row.state)), row.message, std::int64_t{row.major}, row.host,
                               std::int64_t{row.port}, std::int64_t{row.idle_timeout.count()}, row.spec.dump()}));
  return {};
}

Result<InstanceRow> Registry::get(std::string_view name) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT " + std::string(k_columns) + " FROM lakebase_instances WHERE name = ?",
                                   {std::string(name)}));
  if (rows.empty()) {
    return no_instance(name);
  }
  return instance_of(rows.front());
}

Result<InstanceRow> Registry::get_by_uid(std::string_view uid) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT " + std::string(k_columns) + " FROM lakebase_instances WHERE uid = ?",
                                   {std::string(uid)}));
  if (rows.empty()) {
    return no_instance(uid);
  }
  return instance_of(rows.front());
}

Result<std::vector<InstanceRow>> Registry::all() {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT " + std::string(k_columns) + " FROM lakebase_instances ORDER BY name"));
  std::vector<InstanceRow> out;
  for (const auto& row : rows) {
    out.push_back(instance_of(row));
  }
  return out;
}

Result<void> Registry::set_state(std::string_view name, InstanceState state, std::string_view message, int major) {
  PIER_TRY(database_->execute(
      "UPDATE lakebase_instances SET state = ?, message = ?, major = CASE ?3 WHEN 0 THEN major ELSE ?3 END WHERE name "
      "= ?4",
      {std::string(to_string(state)), std::string(message), std::int64_t{major}, std::string(name)}));
  return {};
}

Result<void> Registry::set_spec(std::string_view name, const Json& spec) {
  PIER_TRY(
      database_->execute("UPDATE lakebase_instances SET spec = ? WHERE name = ?", {spec.dump(), std::string(name)}));
  return {};
}

Result<void> Registry::set_address(std::string_view name, std::string_view host, std::uint16_t port) {
  PIER_TRY(database_->execute("UPDATE lakebase_instances SET host = ?, port = ? WHERE name = ?",
                              {std::string(host), std::int64_t{port}, std::string(name)}));
  return {};
}

Result<void> Registry::set_idle_timeout(std::string_view name, std::chrono::seconds timeout) {
  PIER_TRY(database_->execute("UPDATE lakebase_instances SET idle_seconds = ? WHERE name = ?",
                              {std::int64_t{timeout.count()}, std::string(name)}));
  return {};
}

Result<void> Registry::remove(std::string_view name) {
  PIER_TRY(database_->execute("DELETE FROM lakebase_instances WHERE name = ?", {std::string(name)}));
  return {};
}

Result<void> Registry::put_role(std::string_view instance, const Role& role) {
  PIER_TRY(database_->execute(
      "INSERT OR REPLACE INTO lakebase_roles (instance, name, identity_type, membership, createdb, "
      "createrole, bypassrls, spec) VALUES (?,?,?,?,?,?,?,?)",
      {std::string(instance), role.name, role.identity_type, role.membership_role, std::int64_t{role.createdb},
       std::int64_t{role.createrole}, std::int64_t{role.bypassrls}, role.spec.dump()}));
  return {};
}

Result<Role> Registry::get_role(std::string_view instance, std::string_view name) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT name, identity_type, membership, createdb, createrole, bypassrls, spec FROM "
                                   "lakebase_roles WHERE instance = ? AND name = ?",
                                   {std::string(instance), std::string(name)}));
  if (rows.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "Role '" + std::string(name) + "' not found in instance '" + std::string(instance) + "'"};
  }
  return role_of(rows.front());
}

Result<std::vector<Role>> Registry::roles(std::string_view instance) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT name, identity_type, membership, createdb, createrole, bypassrls, spec FROM "
                                   "lakebase_roles WHERE instance = ? ORDER BY name",
                                   {std::string(instance)}));
  std::vector<Role> out;
  for (const auto& row : rows) {
    out.push_back(role_of(row));
  }
  return out;
}

Result<void> Registry::remove_role(std::string_view instance, std::string_view name) {
  PIER_TRY(database_->execute("DELETE FROM lakebase_roles WHERE instance = ? AND name = ?",
                              {std::string(instance), std::string(name)}));
  return {};
}

Instance InstanceRow::described() const {
  return {.name = name,
          .uid = uid,
          .creator = creator,
          .created_at = created_at,
          .state = state,
          .message = message,
          .pg_version = major == 0 ? "" : "PG_VERSION_" + std::to_string(major),
          .host = host,
          .port = port,
          .asleep = true,
          .idle_timeout = idle_timeout,
          .spec = spec};
}

} // namespace pier::lakebase

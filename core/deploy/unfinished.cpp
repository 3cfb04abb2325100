#include "core/deploy/unfinished.hpp"

#include "core/deploy/kinds/common.hpp"

#include <array>

namespace pier::deploy {
namespace {

/// Kinds whose id is made of members of the state, joined by dots.
struct NamedKind {
  std::string_view kind;
  std::array<std::string_view, 3> members;
};

constexpr std::array k_named = {
    NamedKind{"apps", {"name"}},
    NamedKind{"catalogs", {"name"}},
    NamedKind{"database_catalogs", {"name"}},
    NamedKind{"database_instances", {"name"}},
    NamedKind{"schemas", {"catalog_name", "name"}},
    NamedKind{"secret_scopes", {"scope"}},
    NamedKind{"synced_database_tables", {"name"}},
    NamedKind{"volumes", {"catalog_name", "schema_name", "name"}},
};

std::string id_of(const NamedKind& named, const Json& state) {
  std::string id;
  for (const auto member : named.members) {
    if (!member.empty()) {
      id += (id.empty() ? "" : ".") + state.get_string(member);
    }
  }
  return id;
}

Result<std::optional<std::string>> find_job(Operation& operation, const Json& state) {
  const auto path = "/api/2.2/jobs/list?name=" + workspace_client::encode_segment(state.get_string("name"));
  PIER_TRY_ASSIGN(const auto answer, operation.client.get(path));
  const Json* jobs = answer.find("jobs");
  if (jobs != nullptr && jobs->is_array()) {
    for (const auto& job : jobs->as_array()) {
      const Json* metadata = job.find_path({"settings", "deployment", "metadata_file_path"});
      const Json* own = state.find_path({"deployment", "metadata_file_path"});
      if (metadata != nullptr && own != nullptr && *metadata == *own) {
        return std::optional(std::to_string(job.get_integer("job_id")));
      }
    }
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> find_warehouse(Operation& operation, const Json& state) {
  PIER_TRY_ASSIGN(const auto answer, operation.client.get("/api/2.0/sql/warehouses"));
  const Json* warehouses = answer.find("warehouses");
  if (warehouses != nullptr && warehouses->is_array()) {
    for (const auto& warehouse : warehouses->as_array()) {
      if (warehouse.get_string("name") == state.get_string("name")) {
        return std::optional(warehouse.get_string("id"));
      }
    }
  }
  return std::optional<std::string>();
}

} // namespace

Result<std::optional<std::string>> find_unfinished(const Kind& kind, Operation& operation, const Json& state) {
  if (kind.name == "jobs") {
    return find_job(operation, state);
  }
  if (kind.name == "sql_warehouses") {
    return find_warehouse(operation, state);
  }
  for (const auto& named : k_named) {
    if (named.kind == kind.name) {
      auto id = id_of(named, state);
      const auto remote = kind.read(operation, id);
      if (remote) {
        return std::optional(std::move(id));
      }
      if (remote.error().kind != ErrorKind::not_found) {
        return remote.error();
      }
    }
  }
  return std::optional<std::string>();
}

} // namespace pier::deploy

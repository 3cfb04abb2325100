#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_all = "ALL_PRIVILEGES";

constexpr std::array k_owners = {
    "catalogs", "external_locations", "registered_models", "schemas", "secrets", "vector_search_indexes", "volumes"};

std::string api_path(const std::string& securable, const std::string& full_name) {
  return path_of("/api/2.1/unity-catalog/permissions/" + securable, full_name);
}

/// Sorted, and ALL_PRIVILEGES alone when it is among them: how the workspace tells them back.
Json normalized(const Json& assignment) {
  auto privileges = assignment.get_strings("privileges");
  if (std::find(privileges.begin(), privileges.end(), k_all) != privileges.end()) {
    privileges = {std::string(k_all)};
  }
  std::sort(privileges.begin(), privileges.end());
  return Json::object({{"principal", assignment.get_string("principal")}, {"privileges", Json::strings(privileges)}});
}

Result<Json> read(Operation& operation, const std::string& id) {
  const auto slash = id.find('/');
  if (slash == std::string::npos) {
    return Error{.kind = ErrorKind::invalid_state, .code = "PIER2034", .message = "invalid grants id: " + id};
  }
  const auto securable = id.substr(0, slash);
  const auto full_name = id.substr(slash + 1);
  PIER_TRY_ASSIGN(const auto assignments,
                  operation.client.list(api_path(securable, full_name), "privilege_assignments"));
  auto entries = Json::array();
  for (const auto& assignment : assignments) {
    if (!assignment.get_string("principal").empty()) {
      entries.push_back(normalized(assignment));
    }
  }
  auto remote = Json::object({{"securable_type", securable}, {"full_name", full_name}});
  if (!entries.is_empty()) {
    remote["__embed__"] = std::move(entries);
  }
  return remote;
}

std::vector<Json> entries_of(const Json& state) {
  const auto* entries = state.find("__embed__");
  return entries != nullptr && entries->is_array() ? entries->as_array() : std::vector<Json>();
}

/// Takes everything from each principal, then gives what is wanted; who left loses everything.
Json changes_for(const Json& state, const Json& remote) {
  auto changes = Json::array();
  std::set<std::string> wanted;
  for (const auto& entry : entries_of(state)) {
    const auto privileges = entry.get_strings("privileges");
    auto change = Json::object({{"principal", entry.get_string("principal")}, {"add", Json::strings(privileges)}});
    if (std::find(privileges.begin(), privileges.end(), k_all) == privileges.end()) {
      change["remove"] = Json::array({Json(k_all)});
    }
    changes.push_back(std::move(change));
    wanted.insert(entry.get_string("principal"));
  }
  std::set<std::string> left;
  for (const auto& entry : entries_of(remote)) {
    if (!wanted.contains(entry.get_string("principal"))) {
      left.insert(entry.get_string("principal"));
    }
  }
  for (const auto& principal : left) {
    changes.push_back(Json::object({{"principal", principal}, {"remove", Json::array({Json(k_all)})}}));
  }
  return changes;
}

Result<void> set(Operation& operation, const Json& state, const Json& remote) {
  PIER_TRY(operation.client.patch(api_path(state.get_string("securable_type"), state.get_string("full_name")),
                                  Json::object({{"changes", changes_for(state, remote)}})));
  return {};
}

Kind grants_of(std::string_view owner) {
  Kind kind;
  kind.name = std::string(owner) + ".grants";
  kind.state_fields = {"securable_type", "full_name", "__embed__"};
  kind.keyed = {{"", {"principal"}}};
  kind.empty_is_nothing = true;
  kind.reference_fields = {"full_name"};
  kind.leading_members = {"securable_type", "full_name"};
  kind.create_is_repeatable = true;
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.read = read;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY(set(operation, state, Json()));
    return state.get_string("securable_type") + "/" + state.get_string("full_name");
  };
  kind.update = [](Operation& operation, const Update& update, Json& state) {
    return set(operation, state, update.remote);
  };
  // Like permissions: what is no longer managed stays as it is.
  kind.remove = [](Operation&, const std::string&, const Json&) -> Result<void> { return {}; };
  return kind;
}

} // namespace

std::vector<Kind> grants() {
  std::vector<Kind> kinds;
  for (const auto* owner : k_owners) {
    kinds.push_back(grants_of(owner));
  }
  return kinds;
}

} // namespace pier::deploy::kinds

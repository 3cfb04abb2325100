#include "core/base/text.hpp"
#include "core/model/permission_level.hpp"
#include "core/server/routes.hpp"

#include <algorithm>
#include <map>

namespace pier::server {
namespace {

using identity::AccessEntry;
using identity::ObjectRef;
using model::PrincipalKind;

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

std::string_view member_of(PrincipalKind kind) {
  switch (kind) {
  case PrincipalKind::user: return "user_name";
  case PrincipalKind::service_principal: return "service_principal_name";
  case PrincipalKind::group: break;
  }
  return "group_name";
}

Result<AccessEntry> entry_of(const Json& item) {
  AccessEntry entry{.level = item.get_string("permission_level")};
  int named = 0;
  for (const auto kind : {PrincipalKind::user, PrincipalKind::service_principal, PrincipalKind::group}) {
    if (auto name = item.get_string(member_of(kind)); !name.empty()) {
      entry.kind = kind;
      entry.principal = std::move(name);
      ++named;
    }
  }
  if (named != 1) {
    return invalid(
        "an entry of access_control_list names exactly one of user_name, service_principal_name, group_name");
  }
  if (entry.level.empty()) {
    return invalid("the entry of " + entry.principal + " has no permission_level");
  }
  return entry;
}

Result<std::vector<AccessEntry>> entries_of(const Json& body) {
  std::vector<AccessEntry> out;
  const auto* list = body.find("access_control_list");
  if (list == nullptr) {
    return out;
  }
  if (!list->is_array()) {
    return invalid("access_control_list must be a list");
  }
  for (const auto& item : list->as_array()) {
    PIER_TRY_ASSIGN(auto entry, entry_of(item));
    out.push_back(std::move(entry));
  }
  return out;
}

std::string object_path(const ObjectRef& object) {
  return "/" + std::string(identity::canonical_type(object.type)) + "/" + object.id;
}

/// One object of the list for each principal, with all its levels.
class AccessList {
 public:
  explicit AccessList(identity::Identity& identity)
      : identity_(identity) {}

  Result<void> add(const AccessEntry& entry, const std::string& inherited_from) {
    const auto key = std::string(member_of(entry.kind)) + "/" + entry.principal;
    auto& item = items_[key];
    if (item.is_null()) {
      item[member_of(entry.kind)] = entry.principal;
      PIER_TRY_ASSIGN(const auto principal, identity_.find(entry.principal));
      if (principal && entry.kind != PrincipalKind::group) {
        item["display_name"] = principal->display_name;
      }
      item["all_permissions"] = Json::array();
      order_.push_back(key);
    }
    auto permission = Json::object({{"permission_level", entry.level}, {"inherited", !inherited_from.empty()}});
    if (!inherited_from.empty()) {
      permission["inherited_from_object"] = Json::array({Json(inherited_from)});
    }
    item["all_permissions"].push_back(std::move(permission));
    return {};
  }

  Json take() {
    auto out = Json::array();
    for (const auto& key : order_) {
      out.push_back(std::move(items_[key]));
    }
    return out;
  }

 private:
  identity::Identity& identity_;
  std::map<std::string, Json> items_;
  std::vector<std::string> order_;
};

Result<Json> describe(Workspace& workspace, const ObjectRef& object) {
  PIER_TRY_ASSIGN(const auto direct, workspace.permissions->list(object));
  PIER_TRY_ASSIGN(const auto inherited, workspace.permissions->inherited(object));
  AccessList list(*workspace.identity);
  for (const auto& entry : direct) {
    PIER_TRY(list.add(entry, {}));
  }
  for (const auto& held : inherited) {
    const bool from_root = held.from.type == "root";
    PIER_TRY(list.add(held.entry, from_root ? "/" + std::string(identity::canonical_type(object.type)) + "/"
                                            : object_path(held.from)));
  }
  return Json::object({{"object_id", object_path(object)},
                       {"object_type", std::string(identity::answer_type(identity::canonical_type(object.type)))},
                       {"access_control_list", list.take()}});
}

/// Whoever has any level on it may see the list.
Result<void> require_some(identity::Permissions& permissions, const identity::Caller& caller, const ObjectRef& object) {
  const auto levels = model::levels_of(identity::canonical_type(object.type));
  for (const auto level : levels) {
    PIER_TRY_ASSIGN(const bool held, permissions.allows(caller, object, level));
    if (held) {
      return {};
    }
  }
  return permissions.require(caller, object, levels.empty() ? "CAN_VIEW" : levels.front());
}

Result<Json> get(Workspace& workspace, const ApiCall& call, const ObjectRef& object) {
  PIER_TRY(require_some(*workspace.permissions, call.caller, object));
  return describe(workspace, object);
}

Result<Json> set(Workspace& workspace, const ApiCall& call, const ObjectRef& object) {
  auto& permissions = *workspace.permissions;
  const bool replace = call.request.method == "PUT";
  return workspace.database->transaction([&]() -> Result<Json> {
    PIER_TRY(permissions.require(call.caller, object, "CAN_MANAGE"));
    PIER_TRY_ASSIGN(const auto entries, entries_of(call.body));
    PIER_TRY(replace ? permissions.replace(object, entries) : permissions.merge(object, entries));
    return describe(workspace, object);
  });
}

std::string describe_level(std::string_view level) {
  if (level == "IS_OWNER") {
    return "Owns it: manages it, and can hand it on";
  }
  auto words = to_lower(level);
  std::replace(words.begin(), words.end(), '_', ' ');
  words.front() = 'C';
  return words + (level == "CAN_MANAGE" ? ": changes it and its permissions" : "");
}

Result<Json> levels(Workspace& workspace, const ApiCall& call, const ObjectRef& object) {
  PIER_TRY(require_some(*workspace.permissions, call.caller, object));
  auto list = Json::array();
  for (const auto level : model::levels_of(identity::canonical_type(object.type))) {
    list.push_back(Json::object({{"permission_level", std::string(level)}, {"description", describe_level(level)}}));
  }
  return Json::object({{"permission_levels", std::move(list)}});
}

void register_object(ApiRouter& router, Workspace& workspace, const std::string& pattern,
                     const std::function<ObjectRef(const ApiCall&)>& object_of) {
  router.json("GET", pattern, [&workspace, object_of](ApiCall& call) { return get(workspace, call, object_of(call)); });
  for (const auto* method : {"PUT", "PATCH"}) {
    router.json(
        method, pattern, [&workspace, object_of](ApiCall& call) { return set(workspace, call, object_of(call)); },
        http::Cost::slow);
  }
  router.json("GET", pattern + "/permissionLevels",
              [&workspace, object_of](ApiCall& call) { return levels(workspace, call, object_of(call)); });
}

} // namespace

void register_permission_routes(ApiRouter& router, Workspace& workspace) {
  register_object(router, workspace, "/api/2.0/permissions/{type}/{id}",
                  [](const ApiCall& call) { return ObjectRef{.type = call.at("type"), .id = call.at("id")}; });
  register_object(router, workspace, "/api/2.0/permissions/sql/warehouses/{id}",
                  [](const ApiCall& call) { return ObjectRef{.type = "sql/warehouses", .id = call.at("id")}; });
}

} // namespace pier::server

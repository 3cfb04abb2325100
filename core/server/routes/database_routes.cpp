#include "core/lakebase/lakebase.hpp"
#include "core/server/routes.hpp"

#include <algorithm>
#include <array>

// Lakebase, provisioned (facts: workspace-api 3.4).
namespace pier::server {
namespace {

using http::Cost;
using lakebase::Instance;
using lakebase::Role;

identity::ObjectRef object_of(std::string_view instance) {
  return {.type = "database-instances", .id = std::string(instance)};
}

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

/// What was sent comes back as it was; what the service knows better is in computed members only.
Json to_json(const Instance& instance) {
  Json out = instance.spec;
  out["uid"] = instance.uid;
  out["creator"] = instance.creator;
  out["creation_time"] = to_rfc3339(from_epoch_millis(instance.created_at));
  out["state"] = to_string(instance.state);
  out["read_write_dns"] = instance.host;
  out["read_write_port"] = std::int64_t{instance.port};
  out["asleep"] = instance.asleep;
  if (!instance.pg_version.empty()) {
    out["pg_version"] = instance.pg_version;
  }
  if (!instance.message.empty()) {
    out["message"] = instance.message;
  }
  out["effective_capacity"] = instance.spec.get_string("capacity", "CU_2");
  out["effective_node_count"] = 1;
  out["effective_retention_window_in_days"] = instance.spec.get_integer("retention_window_in_days", 7);
  out["effective_stopped"] = instance.spec.get_bool("stopped");
  out["effective_enable_pg_native_login"] = false;
  out["effective_enable_readable_secondaries"] = false;
  return out;
}

Json to_json(const Role& role) {
  Json out = role.spec;
  out["name"] = role.name;
  out["identity_type"] = role.identity_type;
  if (!role.membership_role.empty()) {
    out["membership_role"] = role.membership_role;
  }
  return out;
}

Result<Role> parse_role(const ApiCall& call) {
  PIER_TRY_ASSIGN(auto name, call.required("name"));
  Role role{.name = std::move(name),
            .identity_type = call.body.get_string("identity_type", "USER"),
            .membership_role = call.body.get_string("membership_role"),
            .spec = Json::object()};
  constexpr std::array<std::string_view, 4> k_types = {"USER", "GROUP", "SERVICE_PRINCIPAL", "PG_ONLY"};
  if (std::find(k_types.begin(), k_types.end(), role.identity_type) == k_types.end()) {
    return invalid("identity_type is one of USER, GROUP, SERVICE_PRINCIPAL, PG_ONLY");
  }
  if (!role.membership_role.empty() && role.membership_role != "DATABRICKS_SUPERUSER") {
    return invalid("membership_role is DATABRICKS_SUPERUSER or absent");
  }
  if (const auto* attributes = call.body.find("attributes")) {
    role.spec["attributes"] = *attributes;
    role.createdb = attributes->get_bool("createdb");
    role.createrole = attributes->get_bool("createrole");
    role.bypassrls = attributes->get_bool("bypassrls");
  }
  return role;
}

/// Lists are short here: one page.
Json list_of(std::string_view member, Json::Array items) {
  Json out = Json::object();
  out[member] = std::move(items);
  return out;
}

class DatabaseRoutes {
 public:
  explicit DatabaseRoutes(Workspace& workspace)
      : workspace_(workspace) {}

  Result<Json> create(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto made, lakebase().create_instance(call.caller, call.body));
    PIER_TRY(workspace_.permissions->created(object_of(made.name), call.caller));
    return to_json(made);
  }

  Result<Json> get(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto found, lakebase().instance(call.at("name")));
    PIER_TRY(workspace_.permissions->require(call.caller, object_of(found.name), "CAN_USE"));
    return to_json(found);
  }

  Result<Json> find_by_uid(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto found, lakebase().instance_by_uid(call.request.query.get("uid").value_or("")));
    PIER_TRY(workspace_.permissions->require(call.caller, object_of(found.name), "CAN_USE"));
    return to_json(found);
  }

  Result<Json> list(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto all, lakebase().instances());
    Json::Array items;
    for (const auto& instance : all) {
      PIER_TRY_ASSIGN(const bool visible,
                      workspace_.permissions->allows(call.caller, object_of(instance.name), "CAN_USE"));
      if (visible) {
        items.push_back(to_json(instance));
      }
    }
    return list_of("database_instances", std::move(items));
  }

  Result<Json> update(ApiCall& call) const {
    PIER_TRY(require_manage(call));
    const auto mask = call.request.query.get("update_mask").value_or("*");
    PIER_TRY_ASSIGN(const auto changed, lakebase().update_instance(call.at("name"), call.body, mask));
    return to_json(changed);
  }

  Result<Json> remove(ApiCall& call) const {
    PIER_TRY(require_manage(call));
    PIER_TRY(lakebase().delete_instance(call.at("name")));
    PIER_TRY(workspace_.sync->forget_instance(call.caller, call.at("name")));
    PIER_TRY(workspace_.permissions->remove_object(object_of(call.at("name"))));
    return Json::object();
  }

  Result<Json> create_role(ApiCall& call) const {
    PIER_TRY_ASSIGN(const auto role, parse_role(call));
    PIER_TRY(lakebase().instance(call.at("name")));
    // Everybody who may use it may have a plain role of one's own.
    const bool own = role.name == call.caller.principal.name && role.membership_role.empty() && !role.createdb &&
                     !role.createrole && !role.bypassrls;
    PIER_TRY(workspace_.permissions->require(call.caller, object_of(call.at("name")), own ? "CAN_USE" : "CAN_MANAGE"));
    PIER_TRY_ASSIGN(const auto made, lakebase().create_role(call.at("name"), role));
    return to_json(made);
  }

  Result<Json> get_role(ApiCall& call) const {
    PIER_TRY(require_use(call));
    PIER_TRY_ASSIGN(const auto found, lakebase().role(call.at("name"), call.at("role")));
    return to_json(found);
  }

  Result<Json> list_roles(ApiCall& call) const {
    PIER_TRY(require_use(call));
    PIER_TRY_ASSIGN(const auto all, lakebase().roles(call.at("name")));
    Json::Array items;
    for (const auto& role : all) {
      items.push_back(to_json(role));
    }
    return list_of("database_instance_roles", std::move(items));
  }

  Result<Json> remove_role(ApiCall& call) const {
    PIER_TRY(require_manage(call));
    const auto& query = call.request.query;
    const auto heir = query.get("reassign_owned_to").value_or("");
    if (auto removed = lakebase().delete_role(call.at("name"), call.at("role"), heir); !removed) {
      if (removed.error().kind != ErrorKind::not_found || !query.flag("allow_missing")) {
        return std::move(removed).error();
      }
    }
    return Json::object();
  }

  /// A token for logins only; what its holder may do there is up to the role in PostgreSQL.
  Result<Json> create_credential(ApiCall& call) const {
    const auto names = call.body.get_strings("instance_names");
    if (names.empty()) {
      return invalid("Missing required field: instance_names");
    }
    if (const auto* claims = call.body.find("claims"); claims != nullptr && !claims->is_empty()) {
      return Error{.kind = ErrorKind::unsupported,
                   .code = "NOT_IMPLEMENTED",
                   .message = "claims of a database credential are not offered by the local workspace"};
    }
    for (const auto& name : names) {
      PIER_TRY(lakebase().instance(name));
    }
    PIER_TRY_ASSIGN(const auto issued, workspace_.identity->issue({.principal_id = call.caller.principal.id,
                                                                   .kind = identity::TokenKind::database,
                                                                   .instances = names}));
    return Json::object({{"token", issued.token.reveal()},
                         {"expiration_time", to_rfc3339(issued.expires.value_or(workspace_.clock.now()))}});
  }

 private:
  [[nodiscard]] lakebase::Lakebase& lakebase() const { return *workspace_.lakebase; }

  [[nodiscard]] Result<void> require_level(const ApiCall& call, std::string_view level) const {
    PIER_TRY(lakebase().instance(call.at("name")));
    return workspace_.permissions->require(call.caller, object_of(call.at("name")), level);
  }

  [[nodiscard]] Result<void> require_use(const ApiCall& call) const { return require_level(call, "CAN_USE"); }

  [[nodiscard]] Result<void> require_manage(const ApiCall& call) const { return require_level(call, "CAN_MANAGE"); }

  Workspace& workspace_;
};

} // namespace

void register_database_routes(ApiRouter& router, Workspace& workspace) {
  const auto routes = std::make_shared<DatabaseRoutes>(workspace);
  using Method = Result<Json> (DatabaseRoutes::*)(ApiCall&) const;
  const auto add = [&](const char* verb, const std::string& path, Method method, Cost cost) {
    router.json(
        verb, "/api/2.0/database" + path, [routes, method](ApiCall& call) { return ((*routes).*method)(call); }, cost);
  };
  add("POST", "/instances", &DatabaseRoutes::create, Cost::slow);
  add("GET", "/instances", &DatabaseRoutes::list, Cost::quick);
  add("GET", "/instances:findByUid", &DatabaseRoutes::find_by_uid, Cost::quick);
  add("GET", "/instances/{name}", &DatabaseRoutes::get, Cost::quick);
  add("PATCH", "/instances/{name}", &DatabaseRoutes::update, Cost::slow);
  add("DELETE", "/instances/{name}", &DatabaseRoutes::remove, Cost::slow);
  add("POST", "/instances/{name}/roles", &DatabaseRoutes::create_role, Cost::slow);
  add("GET", "/instances/{name}/roles", &DatabaseRoutes::list_roles, Cost::quick);
  add("GET", "/instances/{name}/roles/{role}", &DatabaseRoutes::get_role, Cost::quick);
  add("DELETE", "/instances/{name}/roles/{role}", &DatabaseRoutes::remove_role, Cost::slow);
  add("POST", "/credentials", &DatabaseRoutes::create_credential, Cost::quick);
  router.not_offered("/api/2.0/postgres",
                     "Lakebase projects are not offered by the local workspace: use database_instances.");
}

} // namespace pier::server

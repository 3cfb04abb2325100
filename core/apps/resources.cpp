#include "core/apps/resources.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::apps {
namespace {

constexpr std::array<std::string_view, 11> k_kinds = {
    "app",    "database",         "postgres",      "experiment",   "genie_space",        "job",
    "secret", "serving_endpoint", "sql_warehouse", "uc_securable", "vector_search_index"};

Error invalid(std::string message) {
  return {.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Error not_offered(const ResourceEntry& entry) {
  return {.kind = ErrorKind::unsupported,
          .code = "NOT_IMPLEMENTED",
          .message = "resource " + entry.key + ": " + entry.kind + " cannot be bound in this local workspace"};
}

/// Workspace objects whose access control list names the service principal.
std::optional<identity::ObjectRef> object_of(const ResourceEntry& entry) {
  if (entry.kind == "sql_warehouse") {
    return identity::ObjectRef{"sql/warehouses", entry.settings.get_string("id")};
  }
  if (entry.kind == "job") {
    const Json* id = entry.settings.find("id");
    return identity::ObjectRef{"jobs", id != nullptr && id->is_integer() ? std::to_string(id->as_integer())
                                                                         : entry.settings.get_string("id")};
  }
  if (entry.kind == "app") {
    return identity::ObjectRef{"apps", entry.settings.get_string("name")};
  }
  return std::nullopt;
}

Result<catalog::Securable> securable_of(const ResourceEntry& entry) {
  PIER_TRY_ASSIGN(const auto type,
                  catalog::parse_securable_type(to_lower(entry.settings.get_string("securable_type"))));
  return catalog::Securable{.type = type, .full_name = entry.settings.get_string("securable_full_name")};
}

Result<std::string> value_of(const Rooms& rooms, const ResourceEntry& entry) {
  const auto& settings = entry.settings;
  if (const auto object = object_of(entry)) {
    return object->id;
  }
  if (entry.kind == "secret") {
    if (!rooms.providers.secret_value) {
      return not_offered(entry);
    }
    return rooms.providers.secret_value(settings.get_string("scope"), settings.get_string("key"));
  }
  if (entry.kind == "uc_securable") {
    const auto name = settings.get_string("securable_full_name");
    return settings.get_string("securable_type") == "VOLUME" ? "/Volumes/" + replace_all(name, ".", "/") : name;
  }
  if (entry.kind == "experiment") {
    return settings.get_string("experiment_id");
  }
  if (entry.kind == "genie_space") {
    return settings.get_string("space_id");
  }
  return settings.get_string("name");
}

Result<DatabaseBinding> bind(const Rooms& rooms, const identity::Caller& caller, const model::Principal& principal,
                             const ResourceEntry& entry) {
  const auto& provider = entry.kind == "database" ? rooms.providers.bind_database : rooms.providers.bind_postgres;
  if (!provider) {
    return not_offered(entry);
  }
  return provider({.caller = caller, .service_principal = principal, .entry = entry.settings});
}

Result<void> grant(const Rooms& rooms, const identity::Caller& caller, const model::Principal& principal,
                   const ResourceEntry& entry) {
  const auto permission = entry.settings.get_string("permission");
  if (const auto object = object_of(entry)) {
    PIER_TRY(rooms.permissions.require(caller, *object, "CAN_MANAGE"));
    return rooms.permissions.merge(
        *object, {{.kind = model::PrincipalKind::service_principal, .principal = principal.name, .level = permission}});
  }
  if (entry.kind == "uc_securable") {
    PIER_TRY_ASSIGN(const auto securable, securable_of(entry));
    PIER_TRY(rooms.catalog.change_grants(caller, securable, {{.principal = principal.name, .add = {permission}}}));
    return {};
  }
  if (entry.kind == "secret") {
    return rooms.providers.grant_secret
               ? rooms.providers.grant_secret(
                     {.caller = caller, .service_principal = principal, .entry = entry.settings})
               : Result<void>(not_offered(entry));
  }
  if (entry.kind == "database" || entry.kind == "postgres") {
    PIER_TRY(bind(rooms, caller, principal, entry));
    return {};
  }
  return not_offered(entry);
}

Result<void> revoke(const Rooms& rooms, const identity::Caller& caller, const model::Principal& principal,
                    const ResourceEntry& entry) {
  if (const auto object = object_of(entry)) {
    PIER_TRY_ASSIGN(auto entries, rooms.permissions.list(*object));
    std::erase_if(entries, [&](const identity::AccessEntry& one) { return one.principal == principal.name; });
    return rooms.permissions.replace(*object, entries);
  }
  if (entry.kind == "uc_securable") {
    PIER_TRY_ASSIGN(const auto securable, securable_of(entry));
    PIER_TRY(rooms.catalog.change_grants(
        caller, securable, {{.principal = principal.name, .remove = {entry.settings.get_string("permission")}}}));
  }
  // Rights in PostgreSQL stay: the service principal may own objects there.
  return {};
}

} // namespace

Result<std::vector<ResourceEntry>> parse_resources(const Json& config) {
  std::vector<ResourceEntry> entries;
  const Json* resources = config.find("resources");
  if (resources == nullptr || resources->is_null()) {
    return entries;
  }
  if (!resources->is_array()) {
    return invalid("resources must be a list");
  }
  for (const auto& item : resources->as_array()) {
    ResourceEntry entry{.key = item.get_string("name")};
    if (entry.key.empty()) {
      return invalid("every resource needs a name");
    }
    for (const auto kind : k_kinds) {
      if (const Json* settings = item.find(kind); settings != nullptr && settings->is_object()) {
        if (!entry.kind.empty()) {
          return invalid("resource " + entry.key + " is both " + entry.kind + " and " + std::string(kind));
        }
        entry.kind = kind;
        entry.settings = *settings;
      }
    }
    if (entry.kind.empty()) {
      return invalid("resource " + entry.key + " says no kind: one of " +
                     std::string("sql_warehouse, job, secret, "
                                 "database, postgres, uc_securable, app"));
    }
    if (std::any_of(entries.begin(), entries.end(), [&](const ResourceEntry& one) { return one.key == entry.key; })) {
      return invalid("two resources are named " + entry.key);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<ResolvedResources> resolve_resources(const Rooms& rooms, const identity::Caller& caller,
                                            const model::Principal& service_principal, const Json& config) {
  ResolvedResources resolved;
  PIER_TRY_ASSIGN(const auto entries, parse_resources(config));
  for (const auto& entry : entries) {
    if (entry.kind != "database" && entry.kind != "postgres") {
      PIER_TRY_ASSIGN(auto value, value_of(rooms, entry).context("resource " + entry.key));
      resolved.values.emplace(entry.key, std::move(value));
      continue;
    }
    PIER_TRY_ASSIGN(const auto binding, bind(rooms, caller, service_principal, entry).context("resource " + entry.key));
    resolved.values.emplace(entry.key, entry.kind == "postgres" ? binding.endpoint : binding.host);
    if (!resolved.database) {
      resolved.database = binding;
    }
  }
  return resolved;
}

Result<void> grant_resources(const Rooms& rooms, const identity::Caller& caller,
                             const model::Principal& service_principal, const Json& config) {
  PIER_TRY_ASSIGN(const auto entries, parse_resources(config));
  for (const auto& entry : entries) {
    PIER_TRY(grant(rooms, caller, service_principal, entry).context("resource " + entry.key));
  }
  return {};
}

Result<void> revoke_resources(const Rooms& rooms, const identity::Caller& caller,
                              const model::Principal& service_principal, const Json& before, const Json& after) {
  PIER_TRY_ASSIGN(const auto old_entries, parse_resources(before));
  PIER_TRY_ASSIGN(const auto new_entries, parse_resources(after));
  for (const auto& old_entry : old_entries) {
    const bool kept = std::any_of(new_entries.begin(), new_entries.end(), [&](const ResourceEntry& one) {
      return one.kind == old_entry.kind && one.settings == old_entry.settings;
    });
    if (!kept) {
      // What was granted may be gone itself.
      if (auto revoked = revoke(rooms, caller, service_principal, old_entry);
          !revoked && revoked.error().kind != ErrorKind::not_found) {
        return std::move(revoked).context("resource " + old_entry.key);
      }
    }
  }
  return {};
}

} // namespace pier::apps

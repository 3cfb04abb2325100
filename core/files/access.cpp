#include "core/files/access.hpp"

#include "core/base/text.hpp"

namespace pier::files {
namespace {

/// Folders that everybody may look into, though not read what is inside.
bool is_open_folder(std::string_view path) {
  return path == "/" || path == "/Users";
}

Result<std::int64_t> parse_id(const std::string& id) {
  std::int64_t value = 0;
  if (!parse_int64(id, value)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "'" + id + "' is no object id"};
  }
  return value;
}

/// Of one type, since "files/7" must not name a folder with the id 7.
Result<bool> object_exists(WorkspaceFiles& files, const std::string& id, ObjectType type) {
  PIER_TRY_ASSIGN(const auto number, parse_id(id));
  const auto found = files.by_id(number);
  if (!found && found.error().kind != ErrorKind::not_found) {
    return found.error();
  }
  return found && found->type == type;
}

Result<std::vector<identity::ObjectRef>> folders_above(WorkspaceFiles& files, const std::string& id) {
  PIER_TRY_ASSIGN(const auto number, parse_id(id));
  PIER_TRY_ASSIGN(const auto object, files.by_id(number));
  PIER_TRY_ASSIGN(const auto chain, files.chain(object.path));
  std::vector<identity::ObjectRef> out;
  for (const auto& folder : chain) {
    if (folder.object_id != object.object_id) {
      out.push_back(permission_ref(folder));
    }
  }
  return out;
}

Error denied(const identity::Caller& caller, std::string_view level, const std::string& path, Error original) {
  return Error{.kind = ErrorKind::permission_denied,
               .code = "PERMISSION_DENIED",
               .message = caller.principal.name + " does not have " + std::string(level) + " permissions on " + path,
               .hint = std::move(original.hint)};
}

} // namespace

std::string_view permission_type(ObjectType type) {
  switch (type) {
  case ObjectType::directory: return "directories";
  case ObjectType::notebook: return "notebooks";
  case ObjectType::file: break;
  }
  return "files";
}

identity::ObjectRef permission_ref(const ObjectInfo& object) {
  return identity::ObjectRef{.type = std::string(permission_type(object.type)), .id = std::to_string(object.object_id)};
}

Result<std::unique_ptr<FileAccess>> FileAccess::open(WorkspaceFiles& files, identity::Identity& identity,
                                                     identity::Permissions& permissions) {
  std::unique_ptr<FileAccess> access(new FileAccess(files, permissions));
  for (const auto type : {ObjectType::directory, ObjectType::file, ObjectType::notebook}) {
    permissions.describe(std::string(permission_type(type)),
                         identity::ObjectRules{
                             .exists = [&files, type](const std::string& id) { return object_exists(files, id, type); },
                             .ancestors = [&files](const std::string& id) { return folders_above(files, id); }});
  }
  files.on_removed([&permissions](const std::vector<ObjectInfo>& objects) -> Result<void> {
    for (const auto& object : objects) {
      PIER_TRY(permissions.remove_object(permission_ref(object)));
    }
    return {};
  });
  PIER_TRY(files.make_directories("/Users"));
  if (!files.status("/Shared")) { // only when it is made: an admin may have taken the right away
    PIER_TRY_ASSIGN(const auto shared, files.make_directories("/Shared"));
    PIER_TRY(access->share(shared, identity::AccessEntry{.kind = model::PrincipalKind::group,
                                                         .principal = std::string(identity::k_users_group),
                                                         .level = "CAN_MANAGE"}));
  }
  for (const auto kind : {model::PrincipalKind::user, model::PrincipalKind::service_principal}) {
    PIER_TRY_ASSIGN(const auto records, identity.records(kind));
    for (const auto& record : records) {
      PIER_TRY(access->make_home(record.principal));
    }
  }
  identity.on_created([raw = access.get()](const model::Principal& principal) { return raw->make_home(principal); });
  return access;
}

Result<void> FileAccess::share(const ObjectInfo& folder, const identity::AccessEntry& entry) {
  return permissions_.merge(permission_ref(folder), {entry});
}

Result<void> FileAccess::make_home(const model::Principal& principal) {
  if (principal.kind == model::PrincipalKind::group) {
    return {};
  }
  const auto path = "/Users/" + principal.name;
  if (const auto there = files_.status(path)) {
    // A home that outlived a removed namesake stays with the admins.
    return {};
  }
  PIER_TRY_ASSIGN(const auto home, files_.make_directories(path));
  return share(home, identity::AccessEntry{.kind = principal.kind, .principal = principal.name, .level = "CAN_MANAGE"});
}

Result<void> FileAccess::require(const identity::Caller& caller, std::string_view path, std::string_view level) {
  PIER_TRY_ASSIGN(const auto object, files_.status(path));
  auto allowed = permissions_.require(caller, permission_ref(object), level);
  if (!allowed && allowed.error().kind == ErrorKind::permission_denied) {
    return denied(caller, level, object.path, std::move(allowed).error());
  }
  return allowed;
}

Result<void> FileAccess::require_look(const identity::Caller& caller, const ObjectInfo& object) {
  return is_open_folder(object.path) ? Result<void>() : require(caller, object.path, "CAN_READ");
}

Result<void> FileAccess::require_write(const identity::Caller& caller, std::string_view path) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  PIER_TRY_ASSIGN(const auto chain, files_.chain(clean));
  const auto& nearest = chain.front();
  const bool there = nearest.path == clean;
  const auto* const level = there && nearest.type != ObjectType::directory ? "CAN_EDIT" : "CAN_MANAGE";
  return require(caller, nearest.path, level);
}

Result<bool> FileAccess::may_read(const identity::Caller& caller, const ObjectInfo& object) {
  if (caller.is_admin || is_open_folder(object.path)) {
    return true;
  }
  return permissions_.allows(caller, permission_ref(object), "CAN_READ");
}

Result<std::vector<ObjectInfo>> FileAccess::list(const identity::Caller& caller, std::string_view path) {
  PIER_TRY_ASSIGN(const auto object, files_.status(path));
  if (!is_open_folder(object.path)) {
    PIER_TRY(require(caller, object.path, "CAN_READ"));
    return files_.list(object.path);
  }
  PIER_TRY_ASSIGN(auto all, files_.list(object.path));
  std::vector<ObjectInfo> out;
  for (auto& entry : all) {
    PIER_TRY_ASSIGN(const bool shown, may_read(caller, entry));
    if (shown) {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

} // namespace pier::files

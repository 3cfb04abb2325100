#pragma once

#include "core/files/workspace_files.hpp"
#include "core/identity/permissions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier::files {

/// "directories", "files", "notebooks": the type of an object in the permissions API.
std::string_view permission_type(ObjectType type);
identity::ObjectRef permission_ref(const ObjectInfo& object);

/// Who may do what in the workspace's folder tree. A home folder belongs to its user, `users` manage /Shared, rights
/// on a folder hold for all in it, making and removing needs CAN_MANAGE on the folder, replacing CAN_EDIT on the
/// object. The root and /Users can be listed by everybody, showing only what the caller may read.
class FileAccess {
 public:
  /// Registers the object types and the listeners that make homes and forget removed objects; makes what every
  /// workspace has (/Users, /Shared, a home for each principal). All three must outlive this object and each other's
  /// use of it.
  static Result<std::unique_ptr<FileAccess>> open(WorkspaceFiles& files, identity::Identity& identity,
                                                  identity::Permissions& permissions);

  /// Error not_found for what is not there, permission_denied naming level and path.
  Result<void> require(const identity::Caller& caller, std::string_view path, std::string_view level);
  /// For showing that it is there: CAN_READ, or an open folder (the root, /Users).
  Result<void> require_look(const identity::Caller& caller, const ObjectInfo& object);
  /// For writing: CAN_EDIT when it exists, else CAN_MANAGE on the nearest folder above that exists.
  Result<void> require_write(const identity::Caller& caller, std::string_view path);
  /// What a listing shows the caller.
  Result<std::vector<ObjectInfo>> list(const identity::Caller& caller, std::string_view path);

 private:
  FileAccess(WorkspaceFiles& files, identity::Permissions& permissions)
      : files_(files),
        permissions_(permissions) {}

  Result<void> make_home(const model::Principal& principal);
  Result<void> share(const ObjectInfo& folder, const identity::AccessEntry& entry);
  Result<bool> may_read(const identity::Caller& caller, const ObjectInfo& object);

  WorkspaceFiles& files_;
  identity::Permissions& permissions_;
};

} // namespace pier::files

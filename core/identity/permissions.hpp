#pragma once

#include "core/base/result.hpp"
#include "core/identity/identity.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pier::identity {

/// One direct entry of an object's access control list.
struct AccessEntry {
  model::PrincipalKind kind = model::PrincipalKind::user;
  std::string principal;
  std::string level; ///< "CAN_USE"
  bool operator==(const AccessEntry&) const = default;
};

/// An object with an access control list: type as in the REST path ("apps", "jobs", "sql/warehouses",
/// "directories", "database-instances"), id as in the REST path.
struct ObjectRef {
  std::string type;
  std::string id;
  auto operator<=>(const ObjectRef&) const = default;
};

/// An entry that holds on an object because of something above it.
struct InheritedEntry {
  AccessEntry entry;
  ObjectRef from; ///< type "root" and id "" for what `admins` always have
};

/// What the module that owns a type of objects tells about them; both functions are optional.
struct ObjectRules {
  /// Default: an object exists from created() until remove_object().
  std::function<Result<bool>(const std::string& id)> exists;
  /// Objects whose entries hold on this one too, nearest first (the folders above a file).
  std::function<Result<std::vector<ObjectRef>>(const std::string& id)> ancestors;
};

/// Access control lists of workspace objects (facts: workspace-api 3.9). `admins` may manage everything.
class Permissions {
 public:
  static Result<std::unique_ptr<Permissions>> open(store::Database& database, Identity& identity);
  virtual ~Permissions() = default;

  /// For types whose objects another module keeps. At start only.
  virtual void describe(std::string type, ObjectRules rules) = 0;
  virtual Result<bool> exists(const ObjectRef& object) = 0;
  virtual Result<std::vector<InheritedEntry>> inherited(const ObjectRef& object) = 0;

  virtual Result<std::vector<AccessEntry>> list(const ObjectRef& object) = 0;
  /// Both refuse unknown levels, principals and objects; a principal named twice gets its last level. Jobs and
  /// warehouses keep exactly one owner, who is no group.
  virtual Result<void> replace(const ObjectRef& object, const std::vector<AccessEntry>& entries) = 0;
  virtual Result<void> merge(const ObjectRef& object, const std::vector<AccessEntry>& entries) = 0;
  virtual Result<void> remove_object(const ObjectRef& object) = 0;
  /// Called when an object is made: the creator gets IS_OWNER (jobs, warehouses) or CAN_MANAGE.
  virtual Result<void> created(const ObjectRef& object, const Caller& creator) = 0;

  /// By a direct or an inherited entry, of the caller or of one of its groups.
  virtual Result<bool> allows(const Caller& caller, const ObjectRef& object, std::string_view level) = 0;
  /// Error permission_denied that names caller, level and object, with the command that grants it as hint.
  virtual Result<void> require(const Caller& caller, const ObjectRef& object, std::string_view level) = 0;
};

/// "warehouses" → "sql/warehouses": types that have two names in the API.
std::string_view canonical_type(std::string_view type);
/// What answers call it: "jobs" → "job", "directories" → "directory"; most keep their name.
std::string_view answer_type(std::string_view type);
/// Jobs and warehouses have one owner; other objects only managers.
bool has_owner(std::string_view type);
/// False for levels that exist but only by inheritance (CAN_CREATE of databases).
bool is_grantable(std::string_view type, std::string_view level);

} // namespace pier::identity

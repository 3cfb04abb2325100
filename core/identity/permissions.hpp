#pragma once

#include "core/base/result.hpp"
#include "core/identity/identity.hpp"

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

/// Access control lists of workspace objects (facts: workspace-api 3.9). `admins` may manage everything.
class Permissions {
 public:
  static Result<std::unique_ptr<Permissions>> open(store::Database& database, Identity& identity);
  virtual ~Permissions() = default;

  virtual Result<std::vector<AccessEntry>> list(const ObjectRef& object) = 0;
  virtual Result<void> replace(const ObjectRef& object, const std::vector<AccessEntry>& entries) = 0;
  virtual Result<void> merge(const ObjectRef& object, const std::vector<AccessEntry>& entries) = 0;
  virtual Result<void> remove_object(const ObjectRef& object) = 0;
  /// Called when an object is made: the creator gets IS_OWNER (jobs, warehouses) or CAN_MANAGE.
  virtual Result<void> created(const ObjectRef& object, const Caller& creator) = 0;

  virtual Result<bool> allows(const Caller& caller, const ObjectRef& object, std::string_view level) = 0;
  /// Error permission_denied that names caller, level and object, with the command that grants it as hint.
  virtual Result<void> require(const Caller& caller, const ObjectRef& object, std::string_view level) = 0;
};

} // namespace pier::identity

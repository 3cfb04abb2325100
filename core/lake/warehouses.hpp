#pragma once

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/identity/permissions.hpp"
#include "core/store/database.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake {

/// A SQL warehouse of the REST API: a name with settings. All share the one engine; only RUNNING ones take
/// statements without being started first.
struct Warehouse {
  std::string id;                ///< 16 hex digits
  Json spec;                     ///< members as they were sent
  std::string state = "RUNNING"; ///< RUNNING, STOPPED
  std::string creator;
  std::int64_t created_at = 0; ///< epoch milliseconds

  [[nodiscard]] std::string name() const { return spec.get_string("name"); }
};

/// Warehouses (SQLite table `lake_warehouses`) with their access control. A new workspace gets one that is
/// running and that all users may use; it cannot be deleted. Thread-safe.
class Warehouses {
 public:
  static Result<std::unique_ptr<Warehouses>> open(store::Database& database, identity::Identity& identity,
                                                  identity::Permissions& permissions, const Clock& clock);
  virtual ~Warehouses() = default;

  virtual Result<std::vector<Warehouse>> list() = 0;
  /// Error RESOURCE_DOES_NOT_EXIST.
  virtual Result<Warehouse> get(std::string_view id) = 0;
  /// The spec's members are checked; an unknown one is refused by name.
  virtual Result<Warehouse> create(const identity::Caller& caller, Json spec) = 0;
  virtual Result<void> edit(std::string_view id, Json spec) = 0; ///< members that are absent stay
  virtual Result<void> set_state(std::string_view id, std::string_view state) = 0;
  virtual Result<void> remove(std::string_view id) = 0;
};

/// Its access control list.
identity::ObjectRef warehouse_object(std::string_view id);

} // namespace pier::lake

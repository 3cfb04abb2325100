#pragma once

#include "core/base/clock.hpp"
#include "core/lakebase/lakebase.hpp"
#include "core/store/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lakebase {

/// What the SQLite database knows of an instance.
struct InstanceRow {
  std::string name;
  std::string uid;
  std::string creator;      ///< user name or application id
  std::string creator_kind; ///< "USER" or "SERVICE_PRINCIPAL"
  std::int64_t created_at = 0;
  InstanceState state = InstanceState::starting;
  std::string message;
  int major = 0;
  std::string host;
  std::uint16_t port = 0;
  std::chrono::seconds idle_timeout{0};
  Json spec;

  /// What the API tells of it, as long as it is asleep.
  [[nodiscard]] Instance described() const;
};

/// The tables `lakebase_*` of the workspace: the truth about which instances and roles there are.
class Registry {
 public:
  static Result<Registry> open(store::Database& database);

  Result<void> insert(const InstanceRow& row);
  Result<InstanceRow> get(std::string_view name);
  Result<InstanceRow> get_by_uid(std::string_view uid);
  Result<std::vector<InstanceRow>> all();
  Result<void> set_state(std::string_view name, InstanceState state, std::string_view message = {}, int major = 0);
  Result<void> set_spec(std::string_view name, const Json& spec);
  Result<void> set_address(std::string_view name, std::string_view host, std::uint16_t port);
  Result<void> set_idle_timeout(std::string_view name, std::chrono::seconds timeout);
  Result<void> remove(std::string_view name);

  Result<void> put_role(std::string_view instance, const Role& role);
  Result<Role> get_role(std::string_view instance, std::string_view name);
  Result<std::vector<Role>> roles(std::string_view instance);
  Result<void> remove_role(std::string_view instance, std::string_view name);

 private:
  explicit Registry(store::Database& database)
      : database_(&database) {}

  store::Database* database_;
};

} // namespace pier::lakebase

#include "core/lake/warehouses.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"

#include <algorithm>
#include <array>

namespace pier::lake {
namespace {

constexpr std::array<std::string_view, 2> k_schema = {
    "CREATE TABLE lake_warehouses (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, spec TEXT NOT NULL,"
    " state TEXT NOT NULL, creator TEXT NOT NULL, created_at INTEGER NOT NULL, own INTEGER NOT NULL DEFAULT 0)",
    "CREATE INDEX lake_warehouses_created ON lake_warehouses (created_at)",
};

constexpr std::array<std::string_view, 14> k_members{"name",
                                                     "cluster_size",
                                                     "auto_stop_mins",
                                                     "min_num_clusters",
                                                     "max_num_clusters",
                                                     "enable_photon",
                                                     "enable_serverless_compute",
                                                     "warehouse_type",
                                                     "spot_instance_policy",
                                                     "channel",
                                                     "tags",
                                                     "instance_profile_arn",
                                                     "creator_name",
                                                     "id"};

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Result<void> check_spec(const Json& spec) {
  for (const auto& [key, value] : spec.as_object()) {
    if (std::find(k_members.begin(), k_members.end(), key) == k_members.end()) {
      return invalid("a warehouse has no field '" + key + "'");
    }
  }
  const auto name = spec.get_string("name");
  if (name.empty() || name.size() > 100) {
    return invalid("Warehouse name is required and has at most 100 characters.");
  }
  return {};
}

class Store final : public Warehouses {
 public:
  Store(store::Database& database, identity::Permissions& permissions, const Clock& clock)
      : database_(database),
        permissions_(permissions),
        clock_(clock) {}

  Result<void> start(identity::Identity& identity) {
    PIER_TRY(database_.ensure_schema("lake", k_schema));
    PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT 1 FROM lake_warehouses WHERE own = 1"));
    if (!rows.empty()) {
      return {};
    }
    PIER_TRY_ASSIGN(const auto owner, identity.owner());
    PIER_TRY_ASSIGN(const auto made, create(owner, Json::object({{"name", "Local Warehouse"},
                                                                 {"cluster_size", "2X-Small"},
                                                                 {"auto_stop_mins", 10},
                                                                 {"max_num_clusters", 1},
                                                                 {"enable_photon", true},
                                                                 {"enable_serverless_compute", true},
                                                                 {"warehouse_type", "PRO"}})));
    PIER_TRY(database_.execute("UPDATE lake_warehouses SET own = 1 WHERE id = ?", {made.id}));
    return permissions_.merge(warehouse_object(made.id),
                              {{.kind = model::PrincipalKind::group, .principal = "users", .level = "CAN_USE"}});
  }

  Result<std::vector<Warehouse>> list() override {
    PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT id, spec, state, creator, created_at FROM lake_warehouses"
                                                     " ORDER BY own DESC, created_at, id"));
    std::vector<Warehouse> out;
    for (const auto& row : rows) {
      PIER_TRY_ASSIGN(auto warehouse, read(row));
      out.push_back(std::move(warehouse));
    }
    return out;
  }

  Result<Warehouse> get(std::string_view id) override {
    PIER_TRY_ASSIGN(const auto rows,
                    database_.query("SELECT id, spec, state, creator, created_at FROM lake_warehouses WHERE id = ?",
                                    {std::string(id)}));
    if (rows.empty()) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "RESOURCE_DOES_NOT_EXIST",
                   .message = "SQL warehouse " + std::string(id) + " does not exist."};
    }
    return read(rows[0]);
  }

  Result<Warehouse> create(const identity::Caller& caller, Json spec) override {
    PIER_TRY(check_spec(spec));
    spec.erase("id");
    Warehouse made{.id = hex_encode(random_bytes(8)),
                   .spec = std::move(spec),
                   .creator = caller.principal.name,
                   .created_at = to_epoch_millis(clock_.now())};
    return database_.transaction([&]() -> Result<Warehouse> {
      auto done =
          database_.execute("INSERT INTO lake_warehouses (id, name, spec, state, creator, created_at)"
                            " VALUES (?, ?, ?, ?, ?, ?)",
                            {made.id, made.name(), made.spec.dump(), made.state, made.creator, made.created_at});
      if (!done) {
        return done.error().kind == ErrorKind::already_exists ? name_taken(made.name()) : std::move(done).error();
      }
      PIER_TRY(permissions_.created(warehouse_object(made.id), caller));
      return made;
    });
  }

  Result<void> edit(std::string_view id, Json spec) override {
    return database_.transaction([&]() -> Result<void> {
      PIER_TRY_ASSIGN(auto warehouse, get(id));
      for (const auto& [key, value] : spec.as_object()) {
        warehouse.spec[key] = value;
      }
      PIER_TRY(check_spec(warehouse.spec));
      warehouse.spec.erase("id");
      auto done = database_.execute("UPDATE lake_warehouses SET name = ?, spec = ? WHERE id = ?",
                                    {warehouse.name(), warehouse.spec.dump(), std::string(id)});
      if (!done && done.error().kind == ErrorKind::already_exists) {
        return name_taken(warehouse.name());
      }
      PIER_TRY(done);
      return {};
    });
  }

  Result<void> set_state(std::string_view id, std::string_view state) override {
    PIER_TRY(get(id));
    PIER_TRY(
        database_.execute("UPDATE lake_warehouses SET state = ? WHERE id = ?", {std::string(state), std::string(id)}));
    return {};
  }

  Result<void> remove(std::string_view id) override {
    return database_.transaction([&]() -> Result<void> {
      PIER_TRY(get(id));
      PIER_TRY_ASSIGN(const auto changed,
                      database_.execute("DELETE FROM lake_warehouses WHERE id = ? AND own = 0", {std::string(id)}));
      if (changed == 0) {
        return Error{.kind = ErrorKind::invalid_state,
                     .code = "INVALID_STATE",
                     .message = "The workspace's own warehouse cannot be deleted."};
      }
      return permissions_.remove_object(warehouse_object(id));
    });
  }

 private:
  static Error name_taken(const std::string& name) {
    return Error{.kind = ErrorKind::already_exists,
                 .code = "RESOURCE_ALREADY_EXISTS",
                 .message = "SQL warehouse with name `" + name + "` already exists"};
  }

  static Result<Warehouse> read(const store::Row& row) {
    Warehouse out{.id = row.text(0), .state = row.text(2), .creator = row.text(3), .created_at = row.integer(4)};
    PIER_TRY_ASSIGN(out.spec, Json::parse(row.text(1)));
    return out;
  }

  store::Database& database_;
  identity::Permissions& permissions_;
  const Clock& clock_;
};

} // namespace

identity::ObjectRef warehouse_object(std::string_view id) {
  return {.type = "sql/warehouses", .id = std::string(id)};
}

Result<std::unique_ptr<Warehouses>> Warehouses::open(store::Database& database, identity::Identity& identity,
                                                     identity::Permissions& permissions, const Clock& clock) {
  auto warehouses = std::make_unique<Store>(database, permissions, clock);
  PIER_TRY(database.transaction([&] { return warehouses->start(identity); }));
  return std::unique_ptr<Warehouses>(std::move(warehouses));
}

} // namespace pier::lake

#include "core/lakebase/new_cluster.hpp"

#include "core/lakebase/pg_connection.hpp"
#include "core/lakebase/roles.hpp"

namespace pier::lakebase {

Result<void> make_cluster(Cluster& cluster, const Role& creator, const std::string& database_template_sql,
                          std::chrono::milliseconds start_limit) {
  PIER_TRY(cluster.create());
  PIER_TRY(cluster.start(start_limit));
  PIER_TRY_ASSIGN(auto system, PgConnection::connect(cluster.connection("template1")));
  PIER_TRY(install_system_roles(system));
  if (!database_template_sql.empty()) {
    PIER_TRY(system.execute(database_template_sql));
  }
  // A new database copies template1, which nobody may be connected to: go by `postgres`.
  PIER_TRY_ASSIGN(system, PgConnection::connect(cluster.connection("postgres")));
  PIER_TRY(create_database(system, k_default_database, true));
  return apply_role(system, creator);
}

} // namespace pier::lakebase

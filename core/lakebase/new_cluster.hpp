#pragma once

#include "core/base/result.hpp"
#include "core/lakebase/cluster.hpp"
#include "core/lakebase/lakebase.hpp"

#include <chrono>
#include <string>

namespace pier::lakebase {

/// Makes the cluster of a new instance, starts it and gives it what every instance has: the system roles, the template
/// of databases, the first database, and the role of its creator. Every step may be repeated after a failure.
Result<void> make_cluster(Cluster& cluster, const Role& creator, const std::string& database_template_sql,
                          std::chrono::milliseconds start_limit);

} // namespace pier::lakebase

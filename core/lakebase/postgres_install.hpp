#pragma once

#include "core/base/result.hpp"

#include <filesystem>
#include <string>

namespace pier::lakebase {

/// Where PostgreSQL's server programs are, and as whom they run.
struct PostgresInstall {
  std::filesystem::path bin; ///< has initdb and postgres
  int major = 0;             ///< 15
  std::string user;          ///< `postgres` when we are root (PostgreSQL refuses root), else empty

  /// The newest of the machine, or that in `bin`. Error PIER8001.
  static Result<PostgresInstall> find(const std::filesystem::path& bin = {});
  /// The one of this major version, for an existing data folder. Error PIER8002.
  static Result<PostgresInstall> find_major(int major, const std::filesystem::path& bin = {});
};

/// Gives the folder to the server's user and lets that user pass through the private folders above it (group
/// of the user, mode 0710). Nothing to do when `user` is empty. Never touches a home folder or what is above:
/// error PIER8003 when the user cannot get in.
Result<void> make_reachable(const std::filesystem::path& folder, const std::string& user);

} // namespace pier::lakebase

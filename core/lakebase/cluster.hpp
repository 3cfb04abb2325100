#pragma once

#include "core/base/fd.hpp"
#include "core/base/process.hpp"
#include "core/base/result.hpp"
#include "core/lakebase/child_starter.hpp"
#include "core/lakebase/postgres_install.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pier::lakebase {

/// One PostgreSQL cluster: `<folder>/data`, its unix socket in `<folder>/socket` (reachable only for the server's
/// user and us; no TCP), its log in `<folder>/postgres.log`. Not thread-safe: InstanceRuntime serialises.
class Cluster {
 public:
  Cluster(std::filesystem::path folder, std::filesystem::path bin, ChildStarter& starter);

  [[nodiscard]] bool exists() const;
  /// initdb; the data folder appears as one step, so a kill in between leaves nothing half-made.
  Result<void> create();
  /// Major version of the data folder; of the newest installed server when there is none.
  Result<int> major() const;

  /// Starts `postgres` and returns when it answers (about 50 ms). A server that an earlier daemon left is
  /// stopped first. Error PIER8004 with the end of the server's log.
  Result<void> start(std::chrono::milliseconds limit);
  /// CHECKPOINT and fast shutdown, so that the next start needs no recovery. Always ends with no server.
  void stop();
  /// False also after a crash of the server.
  [[nodiscard]] bool running();
  /// Stops a server that an earlier daemon left running, if there is one.
  Result<void> stop_leftover() const;

  /// libpq string of the system role.
  [[nodiscard]] std::string connection(std::string_view database) const;

  /// Path of the unix socket, short enough for sockaddr_un. Known once the cluster exists.
  [[nodiscard]] const std::string& socket_path() const { return socket_path_; }

 private:
  Result<PostgresInstall> install() const;
  Result<void> launch(const PostgresInstall& install);
  Result<void> wait_until_ready(std::chrono::milliseconds limit);
  [[nodiscard]] std::string log_tail() const;
  void choose_socket_path();

  std::filesystem::path folder_;
  std::filesystem::path bin_;
  ChildStarter& starter_;
  std::optional<Process> process_;
  std::string socket_path_;
  UniqueFd socket_folder_; ///< open only when the path is too long for a socket address
};

} // namespace pier::lakebase

#pragma once

#include "core/base/environment.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pier::workspace_client {

/// Where a local workspace keeps its things (design: where things live at run time).
struct LocalPaths {
  std::string name; ///< "default", or $PIER_WORKSPACE
  std::filesystem::path home;
  std::filesystem::path folder; ///< <home>/workspaces/<name>

  [[nodiscard]] std::filesystem::path run() const { return folder / "run"; }

  [[nodiscard]] std::filesystem::path state_file() const { return run() / "pierd.json"; }

  [[nodiscard]] std::filesystem::path token_file() const { return run() / "token"; }

  [[nodiscard]] std::filesystem::path lock_file() const { return run() / "lock"; }

  [[nodiscard]] std::filesystem::path log_file() const { return folder / "logs" / "pierd.log"; }
};

/// By $PIER_HOME (default: ~/.local/share/pier, for root /var/lib/pier) and $PIER_WORKSPACE. Error PIER3006.
Result<LocalPaths> local_paths(const Environment& env);

/// What a running daemon says about itself in run/pierd.json. The start time guards against a pid that
/// another process got later.
struct DaemonState {
  std::string name;
  pid_t pid = 0;
  std::uint64_t start_ticks = 0; ///< field 22 of /proc/<pid>/stat
  std::uint16_t port = 0;
  std::string url;
  std::string version;
  std::string started_at;

  [[nodiscard]] Json to_json() const;
  static Result<DaemonState> parse(std::string_view text);
};

/// Field 22 of /proc/<pid>/stat; nothing when there is no such process or it is a zombie.
std::optional<std::uint64_t> process_start_ticks(pid_t pid);

/// The running local workspace: enough to talk to it.
struct LocalWorkspace {
  DaemonState state;
  std::string url;
  Secret token;         ///< the owner's
  bool started = false; ///< by this call
  LocalPaths paths;
};

/// Nothing when it does not run.
Result<std::optional<LocalWorkspace>> find_local(const LocalPaths& paths);

struct StartOptions {
  std::filesystem::path program;           ///< pierd; empty: beside the running executable
  std::optional<std::uint16_t> port;       ///< default: the one it had, else a free one
  std::chrono::milliseconds limit{60'000}; ///< to answer its first request
};

/// The local workspace, started when it does not run. Several callers at once start it once. Returns when the
/// daemon listens. Errors PIER3002, PIER3003, or the daemon's own (port in use, damaged store …).
Result<LocalWorkspace> ensure_started(const Environment& env, const StartOptions& options = {});

/// Stops the daemon and waits for its end; after `limit` it is killed. False when it did not run.
Result<bool> stop_local(const LocalPaths& paths, std::chrono::milliseconds limit = std::chrono::seconds(30));

/// Stops it and removes its folder with everything in it; nobody can start it meanwhile.
Result<void> remove_local(const LocalPaths& paths);

} // namespace pier::workspace_client

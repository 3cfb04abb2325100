#pragma once

#include "core/base/environment.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>

namespace pier::apps {

/// Times and counts of an app's life (facts: apps-runtime 1.4, 1.5, 4; gateway 7).
struct Timings {
  std::chrono::milliseconds idle_timeout{std::chrono::minutes(15)}; ///< 0: never sleeps
  /// With an open WebSocket or event stream, whose data frames count as use.
  std::chrono::milliseconds stream_idle_timeout{std::chrono::minutes(60)};
  std::chrono::milliseconds start_timeout{std::chrono::minutes(10)}; ///< of a deployment
  std::chrono::milliseconds wake_timeout{std::chrono::seconds(60)};
  std::chrono::milliseconds stop_grace{std::chrono::seconds(15)};
  std::chrono::milliseconds first_backoff{std::chrono::seconds(1)};
  std::chrono::milliseconds last_backoff{std::chrono::seconds(30)};
  std::chrono::milliseconds crash_window{std::chrono::minutes(2)};
  std::size_t crashes_to_give_up = 5;
  /// How long an app may listen on other ports only before its start counts as failed.
  std::chrono::milliseconds wrong_port_patience{std::chrono::seconds(10)};
};

struct Options {
  std::filesystem::path folder;        ///< `apps/` of the workspace
  std::filesystem::path state_folder;  ///< the workspace's folder: hidden from apps
  std::filesystem::path guard_program; ///< pier-guard; empty: beside this executable
  std::filesystem::path ports_library; ///< pier-ports.so; empty: beside this executable, if there
  Environment env;                     ///< of the daemon: PATH, proxies and caches for builds
  Timings timings;
};

} // namespace pier::apps

#pragma once

#include "core/base/fd.hpp"

#include <chrono>
#include <cstdint>

namespace pier::apps {

/// Asks a starting app again and again whether it answers HTTP: ready is an accepted connection and any HTTP
/// status. Never blocks; the owner polls fd() when it is not -1 and calls step() then or after next_try().
class ReadinessProbe {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ReadinessProbe(std::uint16_t port)
      : port_(port) {}

  /// True once the app has answered.
  bool step(Time now);

  [[nodiscard]] int fd() const { return socket_.get(); } ///< readable when an answer may be there

  [[nodiscard]] Time next_try() const { return next_; }

 private:
  bool connect(bool ipv6);
  void retry(Time now);

  std::uint16_t port_;
  UniqueFd socket_;
  Time next_{};
  Time give_up_{};
  int tries_ = 0;
};

} // namespace pier::apps

#pragma once

#include "core/base/fd.hpp"

#include <functional>
#include <initializer_list>
#include <stop_token>

namespace pier {

/// A stop that poll(2) can see: fd() is readable once it was requested.
class StopSignal {
 public:
  explicit StopSignal(const std::stop_token& stop);

  [[nodiscard]] int fd() const { return event_.get(); }

 private:
  UniqueFd event_;
  std::stop_callback<std::function<void()>> callback_;
};

/// Waits until one of them (three at most) is readable or the time is over (-1: never).
void wait_readable(std::initializer_list<int> fds, int timeout_ms);

} // namespace pier

#include "core/base/stop_signal.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace pier {

StopSignal::StopSignal(const std::stop_token& stop)
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      callback_(stop, [this] { ::eventfd_write(event_.get(), 1); }) {}

void wait_readable(std::initializer_list<int> fds, int timeout_ms) {
  std::array<pollfd, 3> entries{};
  assert(fds.size() <= entries.size());
  std::transform(fds.begin(), fds.end(), entries.begin(), [](int fd) { return pollfd{fd, POLLIN, 0}; });
  // A signal only ends the wait early.
  [[maybe_unused]] const int ready = ::poll(entries.data(), fds.size(), timeout_ms);
}

} // namespace pier

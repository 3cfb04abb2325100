#include "core/sync/stop_signal.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>

namespace pier::sync {

StopSignal::StopSignal(const std::stop_token& stop)
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      callback_(stop, [this] { ::eventfd_write(event_.get(), 1); }) {}

void wait_readable(int first, int second, int timeout_ms) {
  std::array<pollfd, 2> entries = {pollfd{first, POLLIN, 0}, pollfd{second, POLLIN, 0}};
  // A signal only ends the wait early.
  [[maybe_unused]] const int ready = ::poll(entries.data(), entries.size(), timeout_ms);
}

} // namespace pier::sync

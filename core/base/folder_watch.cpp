#include "core/base/folder_watch.hpp"

#include "core/base/stop_signal.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace pier {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t k_changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |
                                    IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr auto k_longest_settle = std::chrono::seconds(2); // a build that never rests must not hide its changes

enum class Woken { change, stop, silence };

Result<Woken> wait_for(int events, int stop, std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> fds = {pollfd{events, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
  int ready = 0;
  do {
    ready = ::poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) {
    return error_from_errno(errno, "waiting for changes");
  }
  if (fds[1].revents != 0) {
    return Woken::stop;
  }
  return ready == 0 ? Woken::silence : Woken::change;
}

} // namespace

Result<FolderWatch> FolderWatch::create(Skip skip) {
  FolderWatch watch(std::move(skip));
  watch.events_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!watch.events_) {
    return error_from_errno(errno, "watching folders");
  }
  return watch;
}

Result<void> FolderWatch::add(const fs::path& folder, bool tree) {
  const int number = ::inotify_add_watch(events_.get(), folder.c_str(), k_changes);
  if (number < 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return {}; // gone again
    }
    if (errno == ENOSPC) {
      return Error{.kind = ErrorKind::unavailable,
                   .code = "PIER0113",
                   .message = "this machine watches too many folders already",
                   .hint = "sudo sysctl fs.inotify.max_user_watches=524288"};
    }
    return error_from_errno(errno, "watching " + folder.string());
  }
  auto& place = places_[number];
  place.folder = folder;
  place.tree = place.tree || tree;
  return {};
}

Result<void> FolderWatch::add_folder(const fs::path& folder) {
  return add(folder, false);
}

Result<void> FolderWatch::add_tree(const fs::path& root) {
  std::vector<fs::path> waiting = {root};
  while (!waiting.empty()) {
    const auto folder = std::move(waiting.back());
    waiting.pop_back();
    PIER_TRY(add(folder, true));
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, error)) {
      std::error_code unknown;
      if (entry.is_directory(unknown) && !entry.is_symlink(unknown) && !skip_(entry.path())) {
        waiting.push_back(entry.path());
      }
    }
  }
  return {};
}

Result<bool> FolderWatch::take_events() {
  alignas(inotify_event) std::array<char, 64 * 1024> buffer{};
  bool matters = false;
  while (true) {
    const auto size = ::read(events_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return size == 0 || errno == EAGAIN ? Result<bool>(matters) : error_from_errno(errno, "watching folders");
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string name = event.len == 0 ? std::string() : std::string(buffer.data() + at + sizeof event);
      at += sizeof event + event.len;
      if ((event.mask & IN_IGNORED) != 0) {
        places_.erase(event.wd);
        continue;
      }
      const auto place = places_.find(event.wd);
      if (place == places_.end()) {
        matters = matters || (event.mask & IN_Q_OVERFLOW) != 0;
        continue;
      }
      const bool folder = (event.mask & IN_ISDIR) != 0;
      const auto path = place->second.folder / name;
      if (folder && skip_(path)) {
        continue;
      }
      matters = true;
      if (folder && place->second.tree && (event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
        PIER_TRY(add_tree(path));
      }
    }
  }
}

Result<bool> FolderWatch::wait(std::stop_token stop, std::chrono::milliseconds settle) {
  const StopSignal stopped(stop);
  bool changed = false;
  auto begin = std::chrono::steady_clock::now();
  while (true) {
    const auto patience = changed ? settle : std::chrono::milliseconds(-1);
    PIER_TRY_ASSIGN(const auto woken, wait_for(events_.get(), stopped.fd(), patience));
    if (woken == Woken::stop) {
      return false;
    }
    if (woken == Woken::silence) {
      return true;
    }
    PIER_TRY_ASSIGN(const bool matters, take_events());
    if (matters && !changed) {
      changed = true;
      begin = std::chrono::steady_clock::now();
    }
    if (changed && std::chrono::steady_clock::now() - begin > k_longest_settle) {
      return true;
    }
  }
}

} // namespace pier

#include "core/apps/guard/guarded_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace pier::apps {
namespace {

Result<void> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno != EINTR) {
      return error_from_errno(errno, "cannot talk to pier-guard");
    }
    text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return {};
}

} // namespace

Result<GuardedProcess> GuardedProcess::start(const std::filesystem::path& guard_program, const GuardSpec& spec) {
  Command command{.argv = {guard_program.string()},
                  .env = Environment(),
                  .standard_input = Command::Stream::pipe,
                  .standard_output = Command::Stream::pipe};
  PIER_TRY_ASSIGN(auto process, Process::start(command));
  PIER_TRY(write_all(process.input().get(), spec.to_line()));
  const int events = process.output().get();
  ::fcntl(events, F_SETFL, O_NONBLOCK);
  return GuardedProcess(Guardian{.process = std::move(process), .output_fd = events, .grace = spec.stop_grace});
}

GuardedProcess::~GuardedProcess() {
  if (guard_.process.pid() <= 0) {
    return;
  }
  request_stop();
  // Killing the guardian would orphan what it guards, so it gets the time it may need.
  [[maybe_unused]] const auto ended = guard_.process.wait_for(guard_.grace + std::chrono::seconds(5));
}

bool GuardedProcess::poll_events() {
  std::array<char, 1024> buffer{};
  while (!ended_) {
    const auto count = ::read(guard_.output_fd, buffer.data(), buffer.size());
    if (count < 0) {
      break;
    }
    if (count == 0) {
      ended_ = Ended{.status = {.code = 0, .signal = SIGKILL}, .failure = "its guardian process ended"};
      break;
    }
    pending_.append(buffer.data(), static_cast<std::size_t>(count));
    for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
      if (const auto event = Json::parse(pending_.substr(0, end))) {
        take(*event);
      }
      pending_.erase(0, end + 1);
    }
  }
  return ended_.has_value();
}

void GuardedProcess::take(const Json& event) {
  const auto kind = event.get_string("event");
  if (kind == "started") {
    pid_ = static_cast<pid_t>(event.get_integer("pid"));
  } else if (kind == "failed") {
    ended_ = Ended{.status = {.code = 127, .signal = 0}, .failure = event.get_string("message")};
  } else if (kind == "ended") {
    ended_ = Ended{.status = {.code = static_cast<int>(event.get_integer("code")),
                              .signal = static_cast<int>(event.get_integer("signal"))},
                   .failure = {}};
  }
}

bool GuardedProcess::wait_ended(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!poll_events()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) {
      return false;
    }
    pollfd events{event_fd(), POLLIN, 0};
    ::poll(&events, 1, static_cast<int>(left));
  }
  return true;
}

void GuardedProcess::request_stop() {
  guard_.process.input().reset();
}

std::filesystem::path beside_executable(std::string_view name) {
  return executable_path().parent_path() / name;
}

} // namespace pier::apps

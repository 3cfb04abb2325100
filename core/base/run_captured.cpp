#include "core/base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace pier {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void append_lines(std::string& pending, std::string_view bytes, const std::function<void(std::string_view)>& on_line) {
  if (!on_line) {
    return;
  }
  pending += bytes;
  std::size_t begin = 0;
  for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
    on_line(std::string_view(pending).substr(begin, end - begin));
    begin = end + 1;
  }
  pending.erase(0, begin);
}

/// Moves bytes between a child and memory until both outputs end.
class Exchange {
 public:
  Exchange(Process& process, const RunOptions& options)
      : process_(process),
        options_(options),
        deadline_(steady_clock::now() + options.timeout) {}

  Result<void> run() {
    ::fcntl(process_.input().get(), F_SETFL, O_NONBLOCK);
    std::string_view input = options_.input;
    if (input.empty()) {
      process_.input().reset();
    }
    while (process_.output() || process_.error()) {
      PIER_TRY(check_limits());
      std::array<pollfd, 3> polls = {pollfd{process_.output().get(), POLLIN, 0},
                                     pollfd{process_.error().get(), POLLIN, 0},
                                     pollfd{process_.input().get(), POLLOUT, 0}};
      if (::poll(polls.data(), polls.size(), 50) < 0 && errno != EINTR) {
        return error_from_errno(errno, "cannot wait for a child");
      }
      if (polls[0].revents != 0) {
        drain(process_.output(), captured_.standard_output, out_pending_);
      }
      if (polls[1].revents != 0) {
        drain(process_.error(), captured_.standard_error, err_pending_);
      }
      if (polls[2].revents != 0) {
        feed(input);
      }
    }
    finish_line(out_pending_);
    finish_line(err_pending_);
    return {};
  }

  [[nodiscard]] CapturedOutput take() { return std::move(captured_); }

  [[nodiscard]] milliseconds left() const {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now()));
  }

 private:
  Result<void> check_limits() const {
    if (options_.stop.stop_requested()) {
      return Error{.kind = ErrorKind::interrupted, .code = "PIER0111", .message = "interrupted"};
    }
    if (steady_clock::now() >= deadline_) {
      return Error{.kind = ErrorKind::unavailable,
                   .code = "PIER0112",
                   .message = "did not end within " + std::to_string(options_.timeout.count() / 1000) + " s"};
    }
    return {};
  }

  void drain(UniqueFd& fd, std::string& into, std::string& pending) {
    std::array<char, 16 * 1024> buffer{};
    const auto count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      return;
    }
    if (count <= 0) {
      fd.reset();
      return;
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (into.size() < options_.max_output) {
      into += bytes.substr(0, options_.max_output - into.size());
    }
    append_lines(pending, bytes, options_.on_line);
  }

  void feed(std::string_view& input) {
    const auto count = ::write(process_.input().get(), input.data(), input.size());
    if (count > 0) {
      input.remove_prefix(static_cast<std::size_t>(count));
    }
    if (input.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) {
      process_.input().reset();
    }
  }

  void finish_line(const std::string& pending) const {
    if (!pending.empty() && options_.on_line) {
      options_.on_line(pending);
    }
  }

  Process& process_;
  const RunOptions& options_;
  steady_clock::time_point deadline_;
  CapturedOutput captured_;
  std::string out_pending_;
  std::string err_pending_;
};

} // namespace

Result<CapturedOutput> run_captured(Command command, const RunOptions& options) {
  command.standard_input = options.input.empty() ? Command::Stream::null : Command::Stream::pipe;
  command.standard_output = Command::Stream::pipe;
  if (command.standard_error != Command::Stream::merge_to_stdout) {
    command.standard_error = Command::Stream::pipe;
  }
  command.new_process_group = true;
  const std::string name = command.argv.empty() ? "" : std::filesystem::path(command.argv.front()).filename().string();
  PIER_TRY_ASSIGN(auto process, Process::start(command));
  Exchange exchange(process, options);
  PIER_TRY(exchange.run().context(name));
  PIER_TRY_ASSIGN(const auto status, process.wait_for(exchange.left()));
  if (!status) {
    return Error{
        .kind = ErrorKind::unavailable, .code = "PIER0112", .message = name + " closed its output but did not end"};
  }
  auto captured = exchange.take();
  captured.status = *status;
  return captured;
}

} // namespace pier

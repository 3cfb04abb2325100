#include "cli/run.hpp"

#include "cli/bundle/not_offered.hpp"
#include "cli/commands/all.hpp"
#include "cli/console.hpp"
#include "cli/global_options.hpp"
#include "cli/help.hpp"
#include "cli/parser.hpp"
#include "cli/print_report.hpp"
#include "core/http/client.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace pier::cli {
namespace {

/// `pier bundle …` answers as the official CLI: one line, exit code 1.
bool is_bundle_command(std::span<const std::string> words) {
  const auto first =
      std::find_if(words.begin(), words.end(), [](const std::string& word) { return !word.starts_with('-'); });
  return first != words.end() && *first == "bundle";
}

ExitCode print_bundle_error(const Error& error, Console& console) {
  console.status("Error: " + error.to_string());
  return ExitCode::failed;
}

ExitCode run_command(Invocation& invocation, Context& context) {
  const auto applied = apply_global_options(invocation.arguments, context);
  auto report = applied ? invocation.command->run(invocation.arguments, context) : Result<Report>(applied.error());
  context.console.live({});
  if (!report) {
    return invocation.command->name.starts_with("bundle ") ? print_bundle_error(report.error(), context.console)
                                                           : print_error(report.error(), context.console);
  }
  return print_report(*report, invocation.arguments.get("output") == "json", context);
}

/// Waits for SIGINT and SIGTERM on a thread of its own, since a stop request is not allowed in a handler.
class SignalWatcher {
 public:
  SignalWatcher() {
    sigset_t wanted = signals();
    ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    watcher_ = std::thread([this] { watch(); });
  }

  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  ~SignalWatcher() {
    finished_.request_stop();
    ::pthread_kill(watcher_.native_handle(), SIGTERM);
    watcher_.join();
  }

  [[nodiscard]] std::stop_token token() const { return interrupted_.get_token(); }

 private:
  static sigset_t signals() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGTERM);
    return set;
  }

  void watch() {
    const sigset_t wanted = signals();
    while (!finished_.stop_requested()) {
      int number = 0;
      if (::sigwait(&wanted, &number) != 0 || finished_.stop_requested()) {
        return;
      }
      if (interrupted_.stop_requested()) {
        ::_exit(static_cast<int>(ExitCode::interrupted));
      }
      interrupted_.request_stop();
    }
  }

  std::stop_source interrupted_;
  std::stop_source finished_;
  std::thread watcher_;
};

} // namespace

ExitCode run(std::span<const std::string> words, Context& context) {
  const auto commands = all_commands();
  auto outcome = parse_command_line(words, commands);
  if (const auto* error = std::get_if<Error>(&outcome)) {
    if (const auto refusal = not_offered(words)) {
      return print_bundle_error(*refusal, context.console);
    }
    if (!is_bundle_command(words)) {
      return print_error(*error, context.console);
    }
    const auto code = print_bundle_error(*error, context.console);
    if (!error->hint.empty()) {
      context.console.status("\n" + error->hint);
    }
    return code;
  }
  if (const auto* help = std::get_if<HelpRequest>(&outcome)) {
    const auto style = context.console.out_style();
    context.console.out(help->command != nullptr ? render_command_help(*help->command, style)
                                                 : render_overview(commands, help->group, style));
    return ExitCode::ok;
  }
  if (std::holds_alternative<VersionRequest>(outcome)) {
    context.console.out(version_line());
    return ExitCode::ok;
  }
  return run_command(std::get<Invocation>(outcome), context);
}

int run_process(int argc, const char* const* argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    auto env = Environment::of_process();
    const auto console = Console::of_process(env);
    http::forbid_unused_tls();
    static const SignalWatcher signals; // for ever: to wait for its end would only delay that of the process
    const SystemClock clock;
    std::error_code no_folder;
    Context context{std::move(env), std::filesystem::current_path(no_folder), clock, *console, signals.token()};
    return static_cast<int>(run(words, context));
  } catch (const std::exception& bug) {
    static constexpr std::string_view k_intro = "pier: this is a bug, please report it: ";
    const std::string text = std::string(k_intro) + bug.what() + "\n";
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text.data(), text.size());
    return static_cast<int>(ExitCode::bug);
  }
}

} // namespace pier::cli

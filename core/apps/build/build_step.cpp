#include "core/apps/build/build_step.hpp"

#include "core/apps/guard/guarded_process.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

constexpr std::uint64_t k_log_limit = 10ULL * 1024 * 1024;
constexpr std::size_t k_lines_in_error = 5;
constexpr auto k_look = std::chrono::milliseconds(50); ///< how often a stop is looked for

/// "npm ci", not "/usr/bin/npm ci …" with all that follows.
std::string short_command(const std::vector<std::string>& argv) {
  std::string text = fs::path(argv.front()).filename().string();
  for (std::size_t i = 1; i < std::min<std::size_t>(argv.size(), 3); ++i) {
    text += " " + argv[i];
  }
  return text;
}

Error failed(const std::string& name, const GuardedProcess::Ended& ended, const fs::path& log) {
  std::vector<std::string> lines;
  for (const auto& record : read_last_lines(log, k_lines_in_error, "SYSTEM")) {
    lines.push_back(record.message);
  }
  const auto why = ended.failure.empty() ? "ended with " + ended.status.to_string() : ended.failure;
  return {.kind = ErrorKind::invalid_state,
          .code = "INVALID_STATE",
          .message = name + " " + why + (lines.empty() ? "" : ": " + join(lines, " | "))};
}

/// Where pip, uv and npm keep their caches. Confinement allows what is there around the hidden folder, so in a new
/// home, which has none of them yet, the tools could not make them.
void make_cache_folders(const Environment& env) {
  const auto home = env.get("HOME");
  std::error_code ignored;
  if (!home || !fs::is_directory(*home, ignored)) {
    return;
  }
  for (const char* name : {".cache", ".npm"}) {
    fs::create_directory(fs::path(*home) / name, ignored);
  }
}

} // namespace

Result<void> run_build_step(const BuildContext& context, const std::vector<std::string>& argv, const fs::path& cwd) {
  const auto program = find_program(argv.front(), context.env);
  if (!program) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "INVALID_STATE",
                 .message = argv.front() + " is needed to build this app and is not on PATH",
                 .hint = "install " + argv.front()};
  }
  GuardSpec spec{.argv = argv, .cwd = cwd.string(), .log_file = context.log_file.string(), .log_limit = k_log_limit};
  spec.argv.front() = program->string();
  spec.env = {context.env.all().begin(), context.env.all().end()};
  spec.stop_grace = std::chrono::seconds(2);
  spec.log_source = "SYSTEM";
  if (!context.state_folder.empty()) {
    spec.hidden = {context.state_folder.string()};
    spec.writable = context.writable;
    make_cache_folders(context.env);
  }
  log_system(context, "$ " + short_command(argv));
  PIER_TRY_ASSIGN(auto process, GuardedProcess::start(context.guard_program, spec));
  const auto deadline = std::chrono::steady_clock::now() + context.timeout;
  while (!process.wait_ended(k_look)) {
    if (context.stop.stop_requested()) {
      return Error{.kind = ErrorKind::interrupted, .code = "ABORTED", .message = "stopped while building"};
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "INVALID_STATE",
                   .message = short_command(argv) + " did not end within " + humanize(context.timeout)};
    }
  }
  const auto& ended = *process.ended();
  if (!ended.failure.empty() || !ended.status.ok()) {
    return failed(short_command(argv), ended, context.log_file);
  }
  return {};
}

void log_system(const BuildContext& context, std::string_view line) {
  if (auto log = LogFile::open(context.log_file, k_log_limit)) {
    log->append("SYSTEM", line, SystemClock().now());
  }
}

} // namespace pier::apps

#include "core/git/clone.hpp"

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/git/repository.hpp"

#include <chrono>

namespace pier::git {
namespace {

constexpr std::chrono::minutes k_limit{10};

/// What git says last: "fatal: unable to access '…': Could not resolve host: …".
std::string reason_of(const CapturedOutput& output) {
  const auto lines = split(trim(output.standard_error), '\n');
  auto reason = std::string(trim(lines.back()));
  for (const auto& line : lines) {
    if (line.starts_with("fatal: ")) {
      reason = line.substr(std::string_view("fatal: ").size());
      break;
    }
  }
  return reason.empty() ? "git ended with " + output.status.to_string() : reason;
}

Result<CapturedOutput> run_git(const std::string& url, const std::filesystem::path& into, const FetchOptions& options,
                               bool shallow) {
  Command command{.argv = {"git", "clone", "--quiet", "--no-tags"},
                  .env = options.env,
                  .standard_output = Command::Stream::pipe,
                  .standard_error = Command::Stream::pipe,
                  .new_process_group = true};
  if (shallow) {
    command.argv.emplace_back("--depth=1");
  }
  if (!options.reference.empty()) {
    command.argv.insert(command.argv.end(), {"--branch", options.reference});
  }
  command.argv.insert(command.argv.end(), {"--", url, into.string()});
  return run_captured(std::move(command), {.timeout = k_limit});
}

} // namespace

Result<void> fetch_repository(const std::string& url, const std::filesystem::path& into, const FetchOptions& options) {
  if (!find_program("git", options.env)) {
    return clone_repository(url, into, {.branch = options.reference});
  }
  PIER_TRY_ASSIGN(auto output, run_git(url, into, options, true));
  // Old servers have whole histories only.
  if (!output.status.ok() && output.standard_error.find("does not support shallow") != std::string::npos) {
    PIER_TRY_ASSIGN(output, run_git(url, into, options, false));
  }
  if (!output.status.ok()) {
    const auto what = without_credentials(url) + (options.reference.empty() ? "" : " (" + options.reference + ")");
    return Error{.kind = ErrorKind::unavailable,
                 .code = "PIER0402",
                 .message =
                     "cannot clone " + what + ": " + replace_all(reason_of(output), url, without_credentials(url)),
                 .hint = "check the address and that you may read it"};
  }
  return {};
}

} // namespace pier::git

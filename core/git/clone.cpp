#include "core/git/clone.hpp"

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/git/repository.hpp"

#include <algorithm>
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
  Command command{.argv = {"git", "clone", url, into.string(), "--no-tags"},
                  .env = options.env,
                  .standard_output = Command::Stream::pipe,
                  .standard_error = Command::Stream::pipe,
                  .new_process_group = true};
  if (!options.reference.empty()) {
    command.argv.push_back("--branch=" + options.reference);
  }
  if (shallow) {
    command.argv.emplace_back("--depth=1");
  }
  return run_captured(std::move(command), {.timeout = k_limit});
}

/// An address that git would take for an option.
Result<void> check_address(const std::string& url) {
  if (!url.starts_with('-')) {
    return {};
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER0402",
               .message = "the address of a repository cannot begin with a dash: " + url};
}

Error failure(const std::string& url, const std::filesystem::path& into, const FetchOptions& options,
              const CapturedOutput& output) {
  Error error{.kind = ErrorKind::unavailable, .code = "PIER0402"};
  if (options.official_words) {
    error.message = "git clone failed: git clone " + url + " " + into.string() + " --no-tags" +
                    (options.reference.empty() ? "" : " --branch " + options.reference) + " --depth=1: exit status " +
                    std::to_string(output.status.code) + ". " + output.standard_error;
  } else {
    error.message = "cannot clone " + url + (options.reference.empty() ? "" : " (" + options.reference + ")") + ": " +
                    reason_of(output);
    error.hint = "check the address and that you may read it";
  }
  // "git" of ssh://git@host is no secret, a token before the host of https is one.
  const auto rest = std::string_view(url).substr(std::min(url.size(), std::string_view("ssh://").size()));
  const bool plain_user = url.starts_with("ssh://") && rest.find(':') >= rest.find('@');
  error.message = replace_all(error.message, url, plain_user ? url : without_credentials(url));
  return error;
}

} // namespace

Result<void> fetch_repository(const std::string& url, const std::filesystem::path& into, const FetchOptions& options) {
  PIER_TRY(check_address(url));
  if (!find_program("git", options.env)) {
    return clone_repository(url, into, {.branch = options.reference});
  }
  PIER_TRY_ASSIGN(auto output, run_git(url, into, options, true));
  // Old servers have whole histories only.
  if (!output.status.ok() && output.standard_error.find("does not support shallow") != std::string::npos) {
    PIER_TRY_ASSIGN(output, run_git(url, into, options, false));
  }
  return output.status.ok() ? Result<void>() : failure(url, into, options, output);
}

} // namespace pier::git

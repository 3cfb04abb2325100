#include "core/deploy/artifacts.hpp"

#include "core/base/process.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr auto k_build_limit = std::chrono::hours(2);

Result<CapturedOutput> run_script(const std::string& shell, const std::string& script, const fs::path& folder,
                                  const Environment& env, std::stop_token stop) {
  Command command;
  command.argv = {shell.empty() ? "bash" : shell, "-e", "-c", script};
  command.env = env;
  command.cwd = folder;
  command.standard_output = Command::Stream::pipe;
  command.standard_error = Command::Stream::merge_to_stdout;
  command.new_process_group = true;
  RunOptions options;
  options.timeout = k_build_limit;
  options.stop = stop;
  return run_captured(command, options);
}

std::string failure_text(const std::string& key, const CapturedOutput& output, bool compatible) {
  if (compatible && output.status.code != 0) {
    return "build failed " + key + ", error: exit status " + std::to_string(output.status.code) +
           ", output: " + output.standard_output;
  }
  return "build of " + key + " failed: " + output.status.to_string() + "\n" + output.standard_output;
}

} // namespace

Result<void> build_artifacts(const model::Bundle& bundle, const Environment& env, std::stop_token stop,
                             Observer& observer, bool compatible) {
  auto artifacts = bundle.artifacts;
  std::sort(artifacts.begin(), artifacts.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  for (const auto& artifact : artifacts) {
    if (artifact.build.empty()) {
      continue;
    }
    observer.on_event(Event{.type = Event::Type::phase, .subject = artifact.key, .text = "building " + artifact.key});
    PIER_TRY_ASSIGN(
        const auto output,
        run_script(artifact.executable, artifact.build, artifact.path, env, stop).context("building " + artifact.key));
    if (!output.status.ok()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER2049",
                   .message = failure_text(artifact.key, output, compatible),
                   .hint = "run the command in " + artifact.path.string()};
    }
  }
  return {};
}

} // namespace pier::deploy

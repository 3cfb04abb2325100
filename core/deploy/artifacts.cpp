#include "core/deploy/artifacts.hpp"

#include "core/base/process.hpp"
#include "core/base/shell.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr auto k_build_limit = std::chrono::hours(2);

Result<CapturedOutput> run_build(const model::Artifact& artifact, const Environment& env, std::stop_token stop) {
  if (const auto& name = artifact.executable; !name.empty() && name != "bash" && name != "sh") {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "PIER2049",
                 .message = name + " is not supported as an artifact executable, options are: bash, sh or cmd",
                 .hint = "write executable: bash, or remove it"};
  }
  PIER_TRY_ASSIGN(const auto shell, find_shell(env, artifact.executable));
  Command command;
  command.argv = shell.call(artifact.build);
  command.env = env;
  command.cwd = artifact.path;
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
    auto ran = run_build(artifact, env, stop);
    PIER_TRY_ASSIGN(const auto output,
                    compatible ? std::move(ran) : std::move(ran).context("building " + artifact.key));
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

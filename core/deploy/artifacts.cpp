#include "core/deploy/artifacts.hpp"

#include "core/base/glob.hpp"
#include "core/base/process.hpp"
#include "core/base/shell.hpp"
#include "core/deploy/patched_wheel.hpp"
#include "core/model/wheel.hpp"

#include <algorithm>
#include <optional>

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

Result<void> build(const model::Artifact& artifact, const Environment& env, std::stop_token stop, Observer& observer,
                   bool compatible) {
  observer.on_event(Event{.type = Event::Type::phase, .subject = artifact.key, .text = "building " + artifact.key});
  auto ran = run_build(artifact, env, stop);
  PIER_TRY_ASSIGN(const auto output, compatible ? std::move(ran) : std::move(ran).context("building " + artifact.key));
  if (!output.status.ok()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2049",
                 .message = failure_text(artifact.key, output, compatible),
                 .hint = "run the command in " + artifact.path.string()};
  }
  return {};
}

/// As people wrote it: from the folder of their file.
std::string shown_pattern(const model::Bundle& bundle, const model::ArtifactFile& file) {
  if (file.span.file.empty()) {
    return file.source.string();
  }
  return file.source.lexically_relative((bundle.root / file.span.file).parent_path()).generic_string();
}

Error nothing_built(const model::Bundle& bundle, const model::Artifact& artifact, std::size_t index,
                    Observer& observer) {
  const auto& file = artifact.files[index];
  const Diagnostic problem{.code = "PIER2050",
                           .summary = shown_pattern(bundle, file) + (is_well_formed_glob(file.source.string())
                                                                         ? ": no matching files"
                                                                         : ": syntax error in pattern"),
                           .help = "let the build command make it, or correct the path",
                           .spans = {file.span},
                           .paths = {"artifacts." + artifact.key + ".files[" + std::to_string(index) + "].source"}};
  observer.on_event(Event{.type = Event::Type::problem, .text = problem.summary, .problem = &problem});
  return Error{.kind = ErrorKind::not_found, .code = problem.code, .message = problem.summary, .hint = problem.help};
}

void warn_unpatched(Observer& observer, const Error& error) {
  const Diagnostic problem{.code = error.code,
                           .severity = Severity::warning,
                           .summary = "Failed to patch wheel with dynamic version",
                           .detail = error.message};
  observer.on_event(Event{.type = Event::Type::problem, .text = problem.summary, .problem = &problem});
}

/// The folder of the patched wheel, which holds nothing else.
fs::path clean_folder_for(const model::Bundle& bundle, const model::Artifact& artifact,
                          const std::string& distribution) {
  const auto folder = bundle.local_dir / "patched_wheels" / (artifact.key + "_" + distribution);
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    fs::remove(entry.path(), ignored);
  }
  return folder;
}

ArtifactOutput output_of(const model::Bundle& bundle, const model::Artifact& artifact, const fs::path& source,
                         Observer& observer) {
  ArtifactOutput output{.source = source, .patched = {}};
  if (artifact.type != "whl" || !artifact.dynamic_version) {
    return output;
  }
  const auto name = parse_wheel_name(source);
  auto patched = name ? patch_wheel(source, clean_folder_for(bundle, artifact, name->distribution))
                      : Result<fs::path>(name.error());
  if (patched) {
    output.patched = *std::move(patched);
  } else {
    warn_unpatched(observer, patched.error());
  }
  return output;
}

std::vector<model::Artifact> sorted_artifacts(const model::Bundle& bundle) {
  auto artifacts = bundle.artifacts;
  std::sort(artifacts.begin(), artifacts.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return artifacts;
}

/// Of an artifact that nothing builds the files are known since the bundle was read.
std::vector<fs::path> files_of(const model::Artifact& artifact, const model::ArtifactFile& file) {
  return artifact.build.empty() ? std::vector{file.source} : model::latest_wheels(glob_files(file.source));
}

/// Returns the first pattern without a file.
std::optional<std::size_t> add_outputs(const model::Bundle& bundle, const model::Artifact& artifact, Observer& observer,
                                       std::vector<ArtifactOutput>& outputs) {
  std::optional<std::size_t> missing;
  for (std::size_t i = 0; i < artifact.files.size(); ++i) {
    const auto files = files_of(artifact, artifact.files[i]);
    if (files.empty() && !missing) {
      missing = i;
    }
    for (const auto& file : files) {
      outputs.push_back(output_of(bundle, artifact, file, observer));
    }
  }
  return missing;
}

} // namespace

Result<std::vector<ArtifactOutput>> build_artifacts(const model::Bundle& bundle, const Environment& env,
                                                    std::stop_token stop, Observer& observer, bool compatible) {
  std::vector<ArtifactOutput> outputs;
  for (const auto& artifact : sorted_artifacts(bundle)) {
    if (!artifact.build.empty()) {
      PIER_TRY(build(artifact, env, stop, observer, compatible));
    }
    if (const auto missing = add_outputs(bundle, artifact, observer, outputs)) {
      return nothing_built(bundle, artifact, *missing, observer);
    }
  }
  return outputs;
}

std::vector<ArtifactOutput> find_artifacts(const model::Bundle& bundle, Observer& observer) {
  std::vector<ArtifactOutput> outputs;
  for (const auto& artifact : sorted_artifacts(bundle)) {
    add_outputs(bundle, artifact, observer, outputs);
  }
  return outputs;
}

} // namespace pier::deploy

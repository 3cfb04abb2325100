#include "core/deploy/artifacts.hpp"

#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/git/ignore_patterns.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr auto k_build_limit = std::chrono::hours(2);
constexpr std::size_t k_uploads = 5; // the Files API takes ten at a time
constexpr std::uint64_t k_max_library = 2ULL * 1024 * 1024 * 1024;

Result<CapturedOutput> run_script(const std::string& shell, const std::string& script, const fs::path& folder,
                                  const Environment& env, std::stop_token stop, const RunOptions& base) {
  Command command;
  command.argv = {shell.empty() ? "bash" : shell, "-e", "-c", script};
  command.env = env;
  command.cwd = folder;
  command.standard_output = Command::Stream::pipe;
  command.standard_error = Command::Stream::merge_to_stdout;
  command.new_process_group = true;
  RunOptions options = base;
  options.timeout = k_build_limit;
  options.stop = stop;
  return run_captured(command, options);
}

/// Calls `visit` for every text of a job that may name a library.
void visit_libraries(Json& job, const std::function<void(Json&)>& visit) {
  const auto visit_task = [&](Json& task) {
    if (auto* libraries = task.find("libraries"); libraries != nullptr && libraries->is_array()) {
      for (auto& library : libraries->as_array()) {
        for (const auto* type : {"whl", "jar", "egg"}) {
          if (auto* path = library.find(type); path != nullptr && path->is_string()) {
            visit(*path);
          }
        }
      }
    }
  };
  if (auto* tasks = job.find("tasks"); tasks != nullptr && tasks->is_array()) {
    for (auto& task : tasks->as_array()) {
      visit_task(task);
      if (auto* each = task.find("for_each_task"); each != nullptr && each->contains("task")) {
        visit_task(*each->find("task"));
      }
    }
  }
  if (auto* environments = job.find("environments"); environments != nullptr && environments->is_array()) {
    for (auto& environment : environments->as_array()) {
      auto* spec = environment.find("spec");
      auto* dependencies = spec == nullptr ? nullptr : spec->find("dependencies");
      if (dependencies != nullptr && dependencies->is_array()) {
        for (auto& dependency : dependencies->as_array()) {
          if (dependency.is_string()) {
            visit(dependency);
          }
        }
      }
    }
  }
}

/// The one file that a library names, newest last when a pattern has several.
Result<fs::path> find_library(const model::Bundle& bundle, const std::string& text) {
  const auto matches = expand_pattern(bundle.sync.sync_root / text);
  if (matches.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER2050",
                 .message = text + ": no matching files",
                 .hint = "build it first, or give the artifact a build command"};
  }
  return *std::max_element(matches.begin(), matches.end(), [](const auto& a, const auto& b) {
    std::error_code error;
    return fs::last_write_time(a, error) < fs::last_write_time(b, error);
  });
}

} // namespace

bool is_local_library(std::string_view text) {
  if (text.empty() || text.starts_with('/') || text.find("://") != std::string_view::npos ||
      text.starts_with("dbfs:") || text.starts_with('-') || text.find("${") != std::string_view::npos) {
    return false;
  }
  const auto path = text.substr(0, text.find('[')); // "x.whl[extra]"
  const bool library = path.ends_with(".whl") || path.ends_with(".jar") || path.ends_with(".egg");
  return library || text.starts_with("./") || text.starts_with("../");
}

std::vector<fs::path> expand_pattern(const fs::path& pattern) {
  std::vector<fs::path> found = {fs::path()};
  for (const auto& part : pattern) {
    const auto segment = part.string();
    std::vector<fs::path> next;
    const bool plain = segment.find_first_of("*?[") == std::string::npos;
    for (const auto& base : found) {
      std::error_code error;
      if (plain) {
        if (fs::exists(base / part, error)) {
          next.push_back(base / part);
        }
        continue;
      }
      for (const auto& entry : fs::directory_iterator(base, error)) {
        if (git::matches_segment(segment, entry.path().filename().string())) {
          next.push_back(entry.path());
        }
      }
    }
    found = std::move(next);
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<void> build_artifacts(const model::Bundle& bundle, const Environment& env, std::stop_token stop,
                             Observer& observer) {
  auto artifacts = bundle.artifacts;
  std::sort(artifacts.begin(), artifacts.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  for (const auto& artifact : artifacts) {
    if (artifact.build.empty()) {
      continue;
    }
    observer.on_event(Event{.type = Event::Type::phase, .subject = artifact.key, .text = "building " + artifact.key});
    PIER_TRY_ASSIGN(const auto output,
                    run_script(artifact.executable, artifact.build, artifact.path, env, stop, RunOptions{})
                        .context("building " + artifact.key));
    if (!output.status.ok()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER2049",
                   .message = "build of " + artifact.key + " failed: " + output.status.to_string() + "\n" +
                              output.standard_output,
                   .hint = "run the command in " + artifact.path.string()};
    }
  }
  return {};
}

Result<std::vector<Library>> place_libraries(model::Bundle& bundle) {
  const auto folder = bundle.paths.artifact_path + "/.internal";
  std::map<std::string, fs::path> sources; // by file name
  std::optional<Error> failure;
  for (auto& [key, node] : bundle.graph.nodes) {
    if (key.kind != "jobs" || key.is_part()) {
      continue;
    }
    visit_libraries(node.config, [&](Json& library) {
      const auto text = library.as_string();
      if (failure || !is_local_library(text)) {
        return;
      }
      const auto extras = text.find(".whl[");
      const auto path = extras == std::string::npos ? text : text.substr(0, extras + 4);
      auto source = find_library(bundle, path);
      if (!source) {
        failure = std::move(source).error();
        return;
      }
      const auto name = source->filename().string();
      sources.emplace(name, *source);
      library = Json(folder + "/" + name + (extras == std::string::npos ? "" : text.substr(extras + 4)));
    });
  }
  if (failure) {
    return *std::move(failure);
  }
  std::vector<Library> libraries;
  for (auto& [name, source] : sources) {
    libraries.push_back({.source = std::move(source), .remote = folder + "/" + name});
  }
  return libraries;
}

Result<void> upload_libraries(const model::Bundle& bundle, const std::vector<Library>& libraries,
                              workspace_client::RestClient& client, Observer& observer, bool always_clear) {
  if (libraries.empty() && !always_clear) {
    return {};
  }
  const auto folder = bundle.paths.artifact_path + "/.internal";
  const bool volume = folder.starts_with("/Volumes/");
  workspace_client::WorkspaceFiles files(client);
  if (!volume) {
    if (auto removed = files.remove(folder, true); !removed && removed.error().kind != ErrorKind::not_found) {
      return removed;
    }
    PIER_TRY(files.make_directories(folder));
  }
  std::map<std::string, fs::path> sources;
  std::vector<std::string> targets;
  for (const auto& library : libraries) {
    sources.emplace(library.remote, library.source);
    targets.push_back(library.remote);
    const auto shown = library.source.lexically_relative(bundle.sync.sync_root).generic_string();
    observer.on_event(Event{.type = Event::Type::phase, .subject = shown, .text = "uploading " + shown});
  }
  return for_each_parallel(k_uploads, targets, [&](const std::string& target) -> Result<void> {
    if (volume) {
      return workspace_client::VolumeFiles(client).upload(target, sources.at(target));
    }
    PIER_TRY_ASSIGN(auto content, read_file(sources.at(target), k_max_library));
    return workspace_client::WorkspaceFiles(client).write(target, std::move(content));
  });
}

Result<void> run_hook(const model::Bundle& bundle, const std::string& name, const Environment& env,
                      std::stop_token stop, Observer& observer) {
  const auto hook = bundle.hooks.find(name);
  if (hook == bundle.hooks.end() || hook->second.empty()) {
    return {};
  }
  observer.on_event(Event{.type = Event::Type::phase, .subject = name, .text = "executing '" + name + "' script"});
  RunOptions options;
  options.on_line = [&](std::string_view line) {
    observer.on_event(Event{.type = Event::Type::line, .subject = name, .text = std::string(line)});
  };
  PIER_TRY_ASSIGN(const auto output, run_script({}, hook->second, bundle.root, env, stop, options));
  if (!output.status.ok()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2051",
                 .message = "script '" + name + "' fails: " + output.status.to_string(),
                 .hint = "correct experimental.scripts." + name};
  }
  return {};
}

} // namespace pier::deploy

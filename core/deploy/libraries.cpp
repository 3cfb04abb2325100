#include "core/deploy/libraries.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/git/ignore_patterns.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_uploads = 5; // the Files API takes ten at a time
constexpr std::uint64_t k_max_library = 2ULL * 1024 * 1024 * 1024;

/// "name-1.2.3-py3-none-any.whl"
struct WheelName {
  std::string distribution;
  std::string version;
};

std::optional<WheelName> parse_wheel_name(const fs::path& file) {
  if (file.extension() != ".whl") {
    return std::nullopt;
  }
  const auto parts = split(file.stem().string(), '-');
  if (parts.size() < 5) {
    return std::nullopt;
  }
  return WheelName{parts[0], parts[1]};
}

/// Parts of a version between dots and pluses, numbers by value; negative: `a` is older.
int compare_versions(std::string a, std::string b) {
  std::replace(a.begin(), a.end(), '+', '.');
  std::replace(b.begin(), b.end(), '+', '.');
  const auto left = split(a, '.');
  const auto right = split(b, '.');
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    std::int64_t x = 0;
    std::int64_t y = 0;
    const bool numbers = parse_int64(left[i], x) && parse_int64(right[i], y);
    const int order = numbers ? (x < y ? -1 : x > y ? 1 : 0) : left[i].compare(right[i]);
    if (order != 0) {
      return order;
    }
  }
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

/// Of several versions of a wheel the latest; everything else stays.
std::vector<fs::path> latest_wheels(const std::vector<fs::path>& files) {
  std::vector<fs::path> chosen;
  std::map<std::string, std::size_t> places; // of distributions
  for (const auto& file : files) {
    const auto wheel = parse_wheel_name(file);
    const auto place = wheel ? places.find(wheel->distribution) : places.end();
    if (place == places.end()) {
      if (wheel) {
        places.emplace(wheel->distribution, chosen.size());
      }
      chosen.push_back(file);
    } else if (compare_versions(parse_wheel_name(chosen[place->second])->version, wheel->version) < 0) {
      chosen[place->second] = file;
    }
  }
  return chosen;
}

/// Puts local files into the places that name them, and remembers which.
class Placement {
 public:
  explicit Placement(const model::Bundle& bundle)
      : root_(bundle.sync.sync_root),
        folder_(bundle.paths.artifact_path + "/.internal") {}

  void place_in_task(Json& task) {
    if (auto* libraries = task.find("libraries"); libraries != nullptr && libraries->is_array()) {
      replace_each(*libraries, [this](const Json& library) { return in_library(library); });
    }
    if (auto* each = task.find("for_each_task"); each != nullptr && each->contains("task")) {
      place_in_task(*each->find("task"));
    }
  }

  /// An object with a list `dependencies`.
  void place_in_environment(Json* environment) {
    auto* dependencies = environment == nullptr ? nullptr : environment->find("dependencies");
    if (dependencies != nullptr && dependencies->is_array()) {
      replace_each(*dependencies, [this](const Json& dependency) { return in_dependency(dependency); });
    }
  }

  Result<std::vector<Library>> finish() && {
    if (failure_) {
      return *std::move(failure_);
    }
    std::vector<Library> libraries;
    for (auto& [name, source] : sources_) {
      libraries.push_back({.source = std::move(source), .remote = folder_ + "/" + name});
    }
    return libraries;
  }

 private:
  template <typename Replace> static void replace_each(Json& list, const Replace& replace) {
    auto out = Json::array();
    for (const auto& item : list.as_array()) {
      for (auto& replacement : replace(item)) {
        out.push_back(std::move(replacement));
      }
    }
    list = std::move(out);
  }

  std::vector<Json> in_library(const Json& library) {
    for (const auto* type : {"whl", "jar", "egg"}) {
      const auto* path = library.find(type);
      if (path == nullptr || !path->is_string() || !is_local_library(path->as_string())) {
        continue;
      }
      std::vector<Json> out;
      for (auto& remote : remote_names(path->as_string())) {
        out.push_back(library);
        out.back()[type] = std::move(remote);
      }
      return out;
    }
    return {library};
  }

  std::vector<Json> in_dependency(const Json& dependency) {
    if (!dependency.is_string() || !is_local_library(dependency.as_string())) {
      return {dependency};
    }
    const auto& text = dependency.as_string();
    const auto extras = text.find(".whl["); // "x.whl[extra]"
    const auto end = extras == std::string::npos ? text.size() : extras + 4;
    std::vector<Json> out;
    for (auto& remote : remote_names(text.substr(0, end))) {
      out.emplace_back(remote + text.substr(end));
    }
    return out;
  }

  std::vector<std::string> remote_names(const std::string& pattern) {
    const auto matches = latest_wheels(expand_pattern(root_ / pattern));
    if (matches.empty() && !failure_) {
      failure_ = Error{.kind = ErrorKind::not_found,
                       .code = "PIER2050",
                       .message = pattern + ": no matching files",
                       .hint = "build it first, or give the artifact a build command"};
    }
    std::vector<std::string> names;
    for (const auto& source : matches) {
      const auto name = source.filename().string();
      sources_.emplace(name, source);
      names.push_back(folder_ + "/" + name);
    }
    return names;
  }

  fs::path root_;
  std::string folder_;
  std::map<std::string, fs::path> sources_; ///< by file name
  std::optional<Error> failure_;
};

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

Result<std::vector<Library>> place_libraries(model::Bundle& bundle) {
  Placement placement(bundle);
  for (auto& [key, node] : bundle.graph.nodes) {
    if (key.is_part()) {
      continue;
    }
    if (key.kind == "jobs") {
      if (auto* tasks = node.config.find("tasks"); tasks != nullptr && tasks->is_array()) {
        for (auto& task : tasks->as_array()) {
          placement.place_in_task(task);
        }
      }
      if (auto* environments = node.config.find("environments"); environments != nullptr && environments->is_array()) {
        for (auto& environment : environments->as_array()) {
          placement.place_in_environment(environment.find("spec"));
        }
      }
    } else if (key.kind == "pipelines") {
      placement.place_in_environment(node.config.find("environment"));
    }
  }
  return std::move(placement).finish();
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
    const auto shown =
        library.source.lexically_normal().lexically_relative(bundle.sync.sync_root.lexically_normal()).generic_string();
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

} // namespace pier::deploy

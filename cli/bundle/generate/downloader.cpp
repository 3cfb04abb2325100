#include "cli/bundle/generate/downloader.hpp"

#include "cli/console.hpp"
#include "core/base/files.hpp"
#include "core/base/guarded.hpp"
#include "core/deploy/file_sync.hpp"

#include <algorithm>
#include <set>

namespace pier::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_in_flight = 20;
constexpr std::string_view k_jupyter = "JUPYTER";
constexpr std::string_view k_designer_file = "DESIGNER_FILE"; ///< tells no format of its own, but is a Jupyter notebook

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// Notebooks lose their extension in the workspace; files of the designer keep all of theirs.
std::string without_extension(const std::string& path) {
  if (path.ends_with(".designer.ipynb")) {
    return path;
  }
  const auto dot = path.rfind('.');
  const auto slash = path.rfind('/');
  const bool in_name = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  return in_name ? path.substr(0, dot) : path;
}

std::string extension_of(const workspace_client::WorkspaceObject& status) {
  if (status.export_format == k_jupyter) {
    return ".ipynb";
  }
  static const std::map<std::string, std::string, std::less<>> k_extensions = {
      {"PYTHON", ".py"}, {"R", ".r"}, {"SCALA", ".scala"}, {"SQL", ".sql"}};
  const auto found = k_extensions.find(status.language);
  return status.type == "NOTEBOOK" && found != k_extensions.end() ? found->second : std::string();
}

} // namespace

std::string common_folder(const std::vector<std::string>& paths) {
  if (paths.size() == 1) {
    return folder_of(paths.front());
  }
  auto prefix = paths.empty() ? std::string() : paths.front();
  for (const auto& path : paths) {
    const auto differs = std::mismatch(prefix.begin(), prefix.end(), path.begin(), path.end()).first;
    prefix.erase(differs, prefix.end());
  }
  const auto slash = prefix.rfind('/');
  return slash == std::string::npos ? std::string() : prefix.substr(0, slash);
}

Downloader::Downloader(Generation& generation, fs::path source_dir, fs::path config_dir)
    : generation_(generation),
      remote_(generation.client()),
      source_dir_(std::move(source_dir)),
      config_dir_(std::move(config_dir)) {}

std::string Downloader::relative_to_base(const std::string& path) const {
  const auto base = base_.empty() ? folder_of(path) : base_;
  auto rest = path.starts_with(base) ? path.substr(base.size()) : path;
  rest.erase(0, rest.starts_with('/') ? 1 : 0);
  return rest;
}

Result<std::string> Downloader::add(const std::string& path, const std::string& relative, const std::string& format) {
  const auto target = clean_path(source_dir_ / relative);
  if (fs::path(relative).lexically_normal().generic_string().starts_with("..")) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER0025",
                 .message = "the path " + path + " leads out of " + source_dir_.generic_string()};
  }
  files_[target] = {path, format};
  return path_between(config_dir_, target);
}

Result<std::string> Downloader::add_notebook(const std::string& path) {
  PIER_TRY_ASSIGN(const auto status, remote_.find(path, true));
  const auto stem = without_extension(relative_to_base(path));
  if (status.type == k_designer_file) {
    return add(path, stem, std::string(k_jupyter));
  }
  return add(path, stem + extension_of(status), status.export_format);
}

Result<std::string> Downloader::add_file(const std::string& path) {
  PIER_TRY(remote_.find(path));
  return add(path, relative_to_base(path), "SOURCE");
}

Result<std::vector<workspace_client::WorkspaceObject>> Downloader::list_below(const std::string& folder) {
  std::vector<workspace_client::WorkspaceObject> found;
  PIER_TRY_ASSIGN(auto objects, remote_.list(folder));
  for (auto& object : objects) {
    if (object.type != "DIRECTORY") {
      found.push_back(std::move(object));
    } else if (fs::path(object.path).filename() != "node_modules") {
      PIER_TRY_ASSIGN(auto below, list_below(object.path));
      std::move(below.begin(), below.end(), std::back_inserter(found));
    }
  }
  return found;
}

Result<std::string> Downloader::add_folder(const std::string& path) {
  PIER_TRY(remote_.find(path));
  if (base_.empty()) {
    base_ = path;
  }
  PIER_TRY_ASSIGN(const auto objects, list_below(path));
  for (const auto& object : objects) {
    PIER_TRY(object.type == "NOTEBOOK" ? add_notebook(object.path) : add_file(object.path));
  }
  return path_between(config_dir_, source_dir_);
}

Result<void> Downloader::write() {
  std::vector<std::string> targets;
  for (const auto& [target, source] : files_) {
    PIER_TRY(generation_.check_free(target, target));
    targets.push_back(target);
  }
  const auto& cwd = generation_.context().cwd;
  Guarded<std::set<std::string>> written;
  const auto result = deploy::for_each_parallel(k_in_flight, targets, [&](const std::string& target) -> Result<void> {
    const auto& source = files_.at(target);
    PIER_TRY_ASSIGN(const auto content, remote_.download(source.path, source.format));
    PIER_TRY(make_directories((cwd / target).parent_path()));
    PIER_TRY(write_file_atomically(cwd / target, content));
    written.lock()->insert(target);
    return {};
  });
  for (const auto& target : *written.lock()) {
    generation_.context().console.status("File successfully saved to " + target);
  }
  return result;
}

void Downloader::remove_old_files() const {
  for (const auto& [target, source] : files_) {
    const auto name = fs::path(target).filename();
    const auto old = clean_path(source_dir_ / name);
    if (!files_.contains(old)) {
      std::error_code error;
      const auto path = generation_.context().cwd / old;
      if (fs::is_regular_file(path, error)) {
        fs::remove(path, error);
      }
    }
  }
}

} // namespace pier::cli

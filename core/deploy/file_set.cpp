#include "core/deploy/file_set.hpp"

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/git/worktree_ignore.hpp"

#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <map>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr int k_max_depth = 200;
constexpr std::uint64_t k_max_notebook = 64ULL * 1024 * 1024;

std::string first_line(const fs::path& file) {
  constexpr std::size_t k_header = 32;
  std::ifstream stream(file, std::ios::binary);
  std::string text(k_header, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '\r') {
    text.pop_back();
  }
  return text;
}

bool is_jupyter(const fs::path& file) {
  const auto text = read_file(file, k_max_notebook);
  if (!text) {
    return false;
  }
  const auto json = Json::parse(*text);
  return json && json->is_object() && json->get_integer("nbformat") >= 4;
}

Result<LocalFile> describe(const fs::path& source, std::string path) {
  struct stat info{};
  if (::stat(source.c_str(), &info) != 0) {
    return error_from_errno(errno, "reading " + source.string());
  }
  constexpr std::int64_t k_nanos = 1'000'000'000;
  LocalFile file;
  file.path = std::move(path);
  file.source = source;
  file.modified = static_cast<std::int64_t>(info.st_mtim.tv_sec) * k_nanos + info.st_mtim.tv_nsec;
  file.size = static_cast<std::uint64_t>(info.st_size);
  file.is_notebook = is_notebook(source);
  return file;
}

/// Collects the files below one root.
class Collector {
 public:
  using Skip = std::function<bool(const std::string& path, bool is_directory)>;
  using Take = std::function<bool(const std::string& path)>;

  Collector(fs::path root, std::map<std::string, LocalFile>& files)
      : root_(std::move(root)),
        files_(files) {}

  /// Folders for which `skip` is true are not entered; of the files those are taken that `take` wants.
  Result<void> walk(const std::string& path, const Skip& skip, const Take& take, int depth = 0) {
    std::error_code error;
    const auto source = path == "." ? root_ : root_ / path;
    const auto status = fs::symlink_status(source, error);
    if (fs::is_regular_file(status)) {
      return take_file(source, path, take);
    }
    if (!fs::is_directory(status) || (path != "." && skip(path, true))) {
      return {};
    }
    if (depth > k_max_depth) {
      return Error{
          .kind = ErrorKind::too_large, .code = "PIER2042", .message = path + ": folders are nested too deeply"};
    }
    for (const auto& entry : fs::directory_iterator(source, error)) {
      const auto name = entry.path().filename().string();
      const auto child = path == "." ? name : path + "/" + name;
      const auto type = entry.symlink_status(error);
      if (fs::is_directory(type)) {
        PIER_TRY(walk(child, skip, take, depth + 1));
      } else if (fs::is_regular_file(type) && !skip(child, false)) {
        PIER_TRY(take_file(entry.path(), child, take));
      }
    }
    if (error) {
      return error_from_errno(error.value(), "reading " + source.string());
    }
    return {};
  }

 private:
  Result<void> take_file(const fs::path& source, const std::string& path, const Take& take) {
    if (!take(path) || files_.contains(path)) {
      return {};
    }
    PIER_TRY_ASSIGN(auto file, describe(source, path));
    files_.emplace(path, std::move(file));
    return {};
  }

  fs::path root_;
  std::map<std::string, LocalFile>& files_;
};

std::vector<std::string> cleaned(const std::vector<std::string>& patterns) {
  std::vector<std::string> result;
  for (const auto& pattern : patterns) {
    auto text = fs::path(pattern).lexically_normal().generic_string();
    while (text.size() > 1 && text.ends_with('/')) {
      text.pop_back();
    }
    result.push_back(std::move(text));
  }
  return result;
}

} // namespace

std::string LocalFile::remote_name() const {
  return is_notebook ? without_notebook_extension(path) : path;
}

bool is_notebook(const fs::path& file) {
  const auto extension = to_lower(file.extension().string());
  if (extension == ".ipynb") {
    return is_jupyter(file);
  }
  std::string_view header;
  if (extension == ".py" || extension == ".r") {
    header = "# Databricks notebook source";
  } else if (extension == ".scala") {
    header = "// Databricks notebook source";
  } else if (extension == ".sql") {
    header = "-- Databricks notebook source";
  }
  return !header.empty() && first_line(file) == header;
}

std::string without_notebook_extension(const std::string& path) {
  if (path.ends_with(".designer.ipynb")) {
    return path;
  }
  const auto dot = path.rfind('.');
  const auto slash = path.rfind('/');
  return dot == std::string::npos || (slash != std::string::npos && dot < slash) ? path : path.substr(0, dot);
}

Result<std::vector<LocalFile>> list_files(const model::SyncSettings& settings, const fs::path& excludes_file) {
  std::map<std::string, LocalFile> files;
  Collector collector(settings.sync_root, files);
  git::WorktreeIgnore ignore(settings.sync_root, excludes_file);
  const auto everything = [](const std::string&) { return true; };
  const auto ignored = [&](const std::string& path, bool directory) { return ignore.ignores(path, directory); };
  for (const auto& path : cleaned(settings.paths)) {
    std::error_code error;
    if (!fs::exists(settings.sync_root / path, error)) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "PIER2041",
                   .message = "sync path " + path + " does not exist",
                   .hint = "correct sync.paths"};
    }
    if (path != "." && ignored(path, fs::is_directory(settings.sync_root / path, error))) {
      continue;
    }
    PIER_TRY(collector.walk(path, ignored, everything));
  }
  const auto nothing = [](const std::string&, bool) { return false; };
  if (!settings.include.empty()) {
    const auto include = git::IgnorePatterns::of_lines(cleaned(settings.include));
    PIER_TRY(collector.walk(".", nothing, [&](const std::string& path) { return include.matches(path, false); }));
  }
  if (!settings.internal.empty()) {
    PIER_TRY(collector.walk(settings.internal, nothing, [](const std::string& path) {
      return git::matches_segment("*.*", path.substr(path.rfind('/') + 1));
    }));
  }
  const auto exclude = git::IgnorePatterns::of_lines(cleaned(settings.exclude));
  std::vector<LocalFile> result;
  for (auto& [path, file] : files) {
    if (!exclude.matches(path, false)) {
      result.push_back(std::move(file));
    }
  }
  return result;
}

} // namespace pier::deploy

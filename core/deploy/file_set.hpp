#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/model/bundle.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace pier::deploy {

/// The time of a file that is made and not read: Go's zero time, the year 1.
inline constexpr std::int64_t k_no_time = std::numeric_limits<std::int64_t>::min();

/// One file of a bundle that goes to the workspace.
struct LocalFile {
  std::string path; ///< relative to the sync root, with `/`
  std::filesystem::path source;
  std::int64_t modified = 0; ///< nanoseconds since the epoch, or k_no_time
  std::uint64_t size = 0;
  bool is_notebook = false;
  std::shared_ptr<const std::string>
      content{}; ///< what is only made for the workspace: shared, never changed; else null

  /// A notebook loses its extension in the workspace.
  [[nodiscard]] std::string remote_name() const;
};

/// The regular files below `sync.paths` that git does not ignore, plus those of `include`, without those of
/// `exclude` (facts: bundles 9, "sync set"); sorted by path. Symbolic links are not followed. The excludes file is
/// git's for this user and may be empty.
/// Error PIER2041 for a path that does not exist.
Result<std::vector<LocalFile>> list_files(const model::SyncSettings& settings,
                                          const std::filesystem::path& excludes_file);

/// True if the workspace would treat this content as a notebook: first line `# Databricks notebook source`
/// (.py, .r), `// …` (.scala), `-- …` (.sql), or a Jupyter document.
bool is_notebook(const std::filesystem::path& file);

/// "a/b.py" → "a/b"; `.designer.ipynb` stays.
std::string without_notebook_extension(const std::string& path);

} // namespace pier::deploy

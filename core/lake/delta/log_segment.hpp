#pragma once

#include "core/base/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pier::lake::delta {

/// The files of a log that lead to one version: a complete checkpoint, if any, and the commits after it.
struct LogSegment {
  std::filesystem::path log_folder;
  std::int64_t checkpoint_version = -1;                  ///< -1: none
  std::vector<std::filesystem::path> checkpoint_files;   ///< all parts
  std::map<std::int64_t, std::filesystem::path> commits; ///< contiguous
};

/// See load_snapshot for the errors.
Result<LogSegment> find_segment(const std::filesystem::path& root, std::optional<std::int64_t> version);

} // namespace pier::lake::delta

#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::files {

enum class ObjectType { directory, file, notebook };

struct ObjectInfo {
  ObjectType type = ObjectType::file;
  std::string path; ///< canonical, without the /Workspace prefix: "/Users/a@b/x"
  std::int64_t object_id = 0;
  std::string language; ///< notebooks: PYTHON, SQL, SCALA, R
  std::uint64_t size = 0;
  std::int64_t created_at = 0; ///< epoch milliseconds
  std::int64_t modified_at = 0;
};

/// The workspace's folder tree (facts: workspace-api 3.1, sync protocol 4). Metadata in SQLite tables
/// `files_*`, contents as files named by object id below `folder`, replaced as one step. Thread-safe.
/// "/Workspace/x" and "/x" are the same place; double slashes collapse.
class WorkspaceFiles {
 public:
  static Result<std::unique_ptr<WorkspaceFiles>> open(store::Database& database, const Clock& clock,
                                                      std::filesystem::path folder);
  virtual ~WorkspaceFiles() = default;

  virtual Result<ObjectInfo> status(std::string_view path) = 0;
  virtual Result<std::vector<ObjectInfo>> list(std::string_view path) = 0;
  virtual Result<ObjectInfo> make_directories(std::string_view path) = 0;
  /// import-file semantics: notebooks lose their extension; parent must exist.
  virtual Result<ObjectInfo> write(std::string_view path, std::string_view content, bool overwrite) = 0;
  virtual Result<std::string> read(std::string_view path) = 0;
  virtual Result<void> remove(std::string_view path, bool recursive) = 0;
  /// Copies a folder to the disk (sources of apps and jobs; notebooks get their extension back).
  virtual Result<void> materialize(std::string_view path, const std::filesystem::path& to) = 0;
};

} // namespace pier::files

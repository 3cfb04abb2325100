#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
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
  bool is_ipynb = false; ///< a notebook kept in Jupyter's format; else as source

  [[nodiscard]] std::string name() const { return path.substr(path.rfind('/') + 1); }
};

/// Bytes of an object: small ones in memory, large ones as a file to stream (never to change).
struct Content {
  ObjectInfo info;
  std::string bytes;
  std::filesystem::path file; ///< empty: `bytes`
};

/// How `workspace/import` takes content; `write` is import-file.
enum class ImportFormat { automatic, source, raw, jupyter };

struct ImportOptions {
  ImportFormat format = ImportFormat::source;
  std::string language; ///< PYTHON, SQL, SCALA, R; needed for source
  bool overwrite = false;
};

/// The canonical path: "/Workspace//a/" → "/a". Error INVALID_PARAMETER_VALUE for relative ones, `.` and `..`.
Result<std::string> canonical_path(std::string_view path);

/// The workspace's folder tree (facts: workspace-api 3.1, sync protocol 4). Metadata and contents up to 256 KiB in
/// SQLite tables `files_*`, larger contents as files below `folder`, each written once under a new name before the
/// metadata points to it. Thread-safe. "/Workspace/x" and "/x" are the same place; double slashes collapse.
/// Knows nothing of callers: see access.hpp.
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
  /// As write, from a file on the disk, which may be moved away.
  virtual Result<ObjectInfo> write_from(std::string_view path, const std::filesystem::path& source, bool overwrite) = 0;
  /// workspace/import. Exists and not overwrite: 400 RESOURCE_ALREADY_EXISTS; above 10 MB: MAX_NOTEBOOK_SIZE_EXCEEDED.
  virtual Result<ObjectInfo> import(std::string_view path, std::string_view content, const ImportOptions& options) = 0;
  virtual Result<Content> content(std::string_view path) = 0;

  virtual Result<ObjectInfo> by_id(std::int64_t object_id) = 0;
  /// The object at the path, or the nearest folder above that exists, and all folders above, up to the root.
  virtual Result<std::vector<ObjectInfo>> chain(std::string_view path) = 0;
  /// Called inside the transaction that removes objects. At start only.
  virtual void on_removed(std::function<Result<void>(const std::vector<ObjectInfo>&)> listener) = 0;

  /// Copies a folder to the disk (sources of apps and jobs; notebooks get their extension back).
  virtual Result<void> materialize(std::string_view path, const std::filesystem::path& to) = 0;
};

} // namespace pier::files

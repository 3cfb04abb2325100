#pragma once

#include "core/catalog/catalog.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pier::files {

/// A place in a volume: "/Volumes/c/s/v/a/b.csv".
struct VolumePath {
  std::string volume;         ///< "c.s.v"
  std::string path;           ///< canonical, as shown
  std::filesystem::path file; ///< where it is on this machine; inside the volume's folder
  bool is_root = false;       ///< the volume itself
};

struct VolumeEntry {
  std::string path; ///< "/Volumes/c/s/v/a"
  bool is_directory = false;
  std::uint64_t size = 0;
  std::int64_t modified_at = 0; ///< epoch milliseconds

  [[nodiscard]] std::string name() const { return path.substr(path.rfind('/') + 1); }
};

struct VolumePage {
  std::vector<VolumeEntry> entries;
  std::string next_page_token; ///< empty: the last one
};

/// Files of volumes (facts: workspace-api 3.2). Every call checks READ_VOLUME or WRITE_VOLUME of the caller. A file
/// appears whole or not at all; uploads are temporary files ".pier-tmp-…" that nobody can see or name.
class VolumeFiles {
 public:
  explicit VolumeFiles(catalog::Catalog& catalog)
      : catalog_(catalog) {}

  /// For reading; error NOT_FOUND 404 when nothing is there.
  Result<VolumeEntry> status(const identity::Caller& caller, std::string_view path);
  /// The same with the place on the disk, to stream it.
  Result<VolumePath> open(const identity::Caller& caller, std::string_view path);
  /// By name; at most `limit` entries after the token. A token that is not ours: INVALID_PARAMETER_VALUE.
  Result<VolumePage> list(const identity::Caller& caller, std::string_view path, std::size_t limit,
                          std::string_view page_token);
  /// Content from memory, or from `source` when that is not empty (it may be moved away). Parents are made.
  Result<void> write(const identity::Caller& caller, std::string_view path, std::string_view content,
                     const std::filesystem::path& source, bool overwrite);
  Result<void> remove(const identity::Caller& caller, std::string_view path);
  Result<void> make_directories(const identity::Caller& caller, std::string_view path);
  Result<void> remove_directory(const identity::Caller& caller, std::string_view path);

 private:
  Result<VolumePath> locate(const identity::Caller& caller, std::string_view path, std::string_view privilege);

  catalog::Catalog& catalog_;
};

} // namespace pier::files

#pragma once

#include "core/base/fd.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pier {

inline constexpr std::uint64_t k_default_max_file = 64ULL * 1024 * 1024;

/// The whole file, at most max_bytes (error too_large above).
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes = k_default_max_file);

enum class Durability { fsync, none };

/// Replaces the file as one step: temporary file beside it, fsync, rename. Nothing is left on failure.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content,
                                   Durability durability = Durability::fsync, unsigned mode = 0644);

/// Creates the file with this content, already_exists if there is one; readers never see half of it
/// (write temporary, fsync, link, fsync the folder).
Result<void> create_file_exclusively(const std::filesystem::path& path, std::string_view content,
                                     Durability durability = Durability::fsync, unsigned mode = 0644);

Result<void> make_directories(const std::filesystem::path& path, unsigned mode = 0755);
Result<void> remove_tree(const std::filesystem::path& path); ///< no error if it is not there
Result<void> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to);
Result<void> sync_directory(const std::filesystem::path& path); ///< fsync of a folder

/// Normalises `.` and `..` by text; error invalid_argument if it leaves `root`. Symlinks that lead out
/// are refused as well. For untrusted relative paths.
Result<std::filesystem::path> resolve_inside(const std::filesystem::path& root, std::string_view relative);

/// A folder that is removed with everything in it when this goes.
class TempDirectory {
 public:
  static Result<TempDirectory> create(std::string_view prefix = "pier");

  TempDirectory(TempDirectory&& other) noexcept
      : path_(std::exchange(other.path_, {})) {}

  TempDirectory& operator=(TempDirectory&& other) noexcept;
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TempDirectory(std::filesystem::path path)
      : path_(std::move(path)) {}

  std::filesystem::path path_;
};

/// An advisory lock on a file (flock), held while this lives.
class FileLock {
 public:
  /// Error conflict when somebody else holds it.
  static Result<FileLock> try_acquire(const std::filesystem::path& path);

 private:
  explicit FileLock(UniqueFd fd)
      : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

} // namespace pier

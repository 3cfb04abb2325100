#pragma once

#include "core/base/result.hpp"
#include "core/deploy/file_set.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pier::deploy {

/// What the workspace has of a bundle's files, as this machine remembers it; the file format of the
/// official CLI (facts: workspace-api 4), so that the two can take turns.
struct SyncSnapshot {
  struct Entry {
    std::int64_t modified = 0; ///< nanoseconds since the epoch
    std::string remote;

    bool operator==(const Entry&) const = default;
  };

  std::map<std::string, Entry> files; ///< by local path

  /// Error PIER2043 when two files would be the same object in the workspace.
  static Result<SyncSnapshot> of_files(const std::vector<LocalFile>& files);
  /// A file that is absent, of another version or broken is an empty snapshot: everything is sent again.
  static SyncSnapshot load(const std::filesystem::path& path);
  Result<void> save(const std::filesystem::path& path, const std::string& host, const std::string& remote_path) const;

  bool operator==(const SyncSnapshot&) const = default;
};

/// `<state dir>/sync-snapshots/<16 hex digits of md5(host + remote path)>.json`
std::filesystem::path snapshot_path(const std::filesystem::path& state_dir, const std::string& host,
                                    const std::string& remote_path);

/// What has to be done in the workspace to get from one snapshot to another. Remote names, except `upload`.
struct SyncChanges {
  std::vector<std::string> remove;
  std::vector<std::vector<std::string>> remove_folders; ///< in groups, leaves first
  std::vector<std::string> make_folders;                ///< only the deepest ones
  std::vector<std::string> upload;                      ///< local paths

  [[nodiscard]] bool empty() const { return remove.empty() && upload.empty(); }
};

/// Which files that were sent before are sent again.
enum class Resend {
  changed, ///< those with another time: a file put back from a backup is older than what was sent
  newer,   ///< those with a later time only, as the official CLI
};

SyncChanges compare_snapshots(const SyncSnapshot& before, const SyncSnapshot& after, Resend resend = Resend::changed);

/// "2026-11-24T10:00:00.123456789Z"; Go's time format with all digits that are there.
std::string to_rfc3339_nanos(std::int64_t nanoseconds);
/// Also with an offset ("+01:00"). Nothing for other texts.
std::optional<std::int64_t> parse_rfc3339_nanos(std::string_view text);

} // namespace pier::deploy

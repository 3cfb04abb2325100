#pragma once

#include "core/base/guarded.hpp"
#include "core/base/result.hpp"
#include "core/lake/data_type.hpp"
#include "core/lake/delta/actions.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace pier::lake::delta {

enum class MappingMode { none, name, id };

/// What HotTables knows of a snapshot.
struct HotCopy {
  std::uint64_t engine = 0; ///< whose memory holds the copy
  unsigned reads = 0;
  bool is_for_files = false;                ///< too large, or the copy is being made
  std::shared_ptr<const std::string> table; ///< the copy's name
};

/// A table at one version: what log replay gives. Immutable; shared between statements.
struct Snapshot {
  std::uint64_t serial = 0;   ///< no other snapshot of this process has it
  std::filesystem::path root; ///< the table's folder
  std::int64_t version = -1;
  std::int64_t timestamp = 0; ///< of the last commit, epoch milliseconds
  Protocol protocol;
  Metadata metadata;
  std::vector<Field> columns; ///< the schema, parsed
  MappingMode mapping = MappingMode::none;
  std::string fingerprint; ///< of the columns, see data_writer.hpp
  std::vector<std::shared_ptr<const AddFile>> files;
  std::vector<std::shared_ptr<const RemoveFile>> tombstones;
  std::map<std::string, Transaction> transactions;
  std::map<std::string, DomainMetadata> domains;

  /// Deletion vectors that the engine already knows, by unique id; each handle keeps one registered.
  mutable Guarded<std::map<std::string, std::shared_ptr<const std::int64_t>>> deletions;

  mutable Guarded<HotCopy> hot;

  [[nodiscard]] const Field* column(std::string_view name) const; ///< by name, without case
  [[nodiscard]] std::string property(std::string_view key) const;
};

/// Reads a parquet checkpoint (or sidecar) as actions.
using CheckpointReader = std::function<Result<std::vector<Action>>(const std::filesystem::path& file)>;

/// Replays the log of the table in `root`, up to `version` or to the newest. Chooses the newest complete
/// checkpoint by listing the folder (`_last_checkpoint` is only a hint that may be wrong).
/// Errors: DELTA_TABLE_NOT_FOUND, DELTA_LOG_CORRUPT (a version is missing, no protocol or metadata),
/// DELTA_VERSION_NOT_FOUND, UNSUPPORTED_FEATURE (names the reader feature).
Result<std::shared_ptr<const Snapshot>>
load_snapshot(const std::filesystem::path& root, std::optional<std::int64_t> version, const CheckpointReader& reader);

/// The next versions on top of a known one, as far as there are any. The same pointer when there are none.
Result<std::shared_ptr<const Snapshot>> advance(std::shared_ptr<const Snapshot> from);

/// "…/_delta_log/00000000000000000007.json"
std::filesystem::path commit_path(const std::filesystem::path& root, std::int64_t version);

/// One commit of the log. Error not_found when it is not there (any more).
Result<std::vector<Action>> read_commit(const std::filesystem::path& root, std::int64_t version);

/// Versions whose commit files are still there, ascending.
Result<std::vector<std::int64_t>> commit_versions(const std::filesystem::path& root);

/// When a commit was made, epoch milliseconds: its in-commit timestamp, else the file's time.
std::int64_t commit_timestamp(const std::filesystem::path& root, std::int64_t version,
                              const std::vector<Action>& actions);

/// Error UNSUPPORTED_FEATURE that names what this writer cannot keep true for the table.
Result<void> check_writable(const Snapshot& snapshot);

} // namespace pier::lake::delta

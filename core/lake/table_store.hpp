#pragma once

#include "core/base/clock.hpp"
#include "core/base/guarded.hpp"
#include "core/lake/delta/commit.hpp"
#include "core/lake/delta/snapshot.hpp"
#include "core/lake/engine/engine.hpp"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>

namespace pier::lake {

/// Snapshots of tables by folder: the newest is kept and only new commits are read. Commits go through here,
/// so that readers wake and checkpoints are written. Thread-safe.
class TableStore {
 public:
  explicit TableStore(const Clock& clock)
      : clock_(clock) {}

  Result<std::shared_ptr<const delta::Snapshot>> latest(Engine& engine, const std::filesystem::path& root);
  Result<std::shared_ptr<const delta::Snapshot>> at(Engine& engine, const std::filesystem::path& root,
                                                    std::int64_t version);
  /// The version that was the newest at a time (epoch milliseconds).
  Result<std::shared_ptr<const delta::Snapshot>> at_time(Engine& engine, const std::filesystem::path& root,
                                                         std::int64_t millis);

  /// Commits, then writes a checkpoint at every tenth version (one that fails is tried at the next).
  Result<std::int64_t> commit(Engine& engine, delta::CommitRequest request);

  /// One writer that rewrites files at a time in this process: others would only lose the race.
  std::unique_lock<std::mutex> writing(const std::filesystem::path& root);

  void forget(const std::filesystem::path& root);

  /// How many commits this process made.
  [[nodiscard]] std::uint64_t commits();
  /// Waits until this process made more commits than `seen`, at most `timeout`.
  void wait_for_commit(std::uint64_t seen, std::chrono::milliseconds timeout, const std::stop_token& stop);

  [[nodiscard]] std::int64_t now_millis() const { return to_epoch_millis(clock_.now()); }

 private:
  struct Entry {
    std::mutex mutex; ///< of snapshot: readers of one table wait for each other's log reading
    std::mutex writer;
    std::shared_ptr<const delta::Snapshot> snapshot;
    std::pair<std::uint64_t, std::int64_t> stamp; ///< inode and time of the last commit's file
  };

  std::shared_ptr<Entry> entry(const std::filesystem::path& root);

  const Clock& clock_;
  Guarded<std::map<std::string, std::shared_ptr<Entry>>> entries_;
  std::mutex commit_mutex_;
  std::condition_variable_any committed_;
  std::uint64_t commits_ = 0;
};

} // namespace pier::lake

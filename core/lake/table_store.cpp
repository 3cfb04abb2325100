#include "core/lake/table_store.hpp"

#include "core/base/log.hpp"
#include "core/lake/delta/checkpoint.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace pier::lake {
namespace {

constexpr std::int64_t k_checkpoint_interval = 10;

/// Inode and time of a file: tells a log that was replaced from one that grew.
std::optional<std::pair<std::uint64_t, std::int64_t>> stamp_of(const std::filesystem::path& path) {
  struct stat status{};

  if (::stat(path.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return std::pair{static_cast<std::uint64_t>(status.st_ino),
                   static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

delta::CheckpointReader reader_of(Engine& engine) {
  return [&engine](const std::filesystem::path& file) { return delta::read_parquet_checkpoint(engine, file); };
}

} // namespace

std::shared_ptr<TableStore::Entry> TableStore::entry(const std::filesystem::path& root) {
  auto entries = entries_.lock();
  auto& entry = (*entries)[root.string()];
  if (entry == nullptr) {
    entry = std::make_shared<Entry>();
  }
  return entry;
}

Result<std::shared_ptr<const delta::Snapshot>> TableStore::latest(Engine& engine, const std::filesystem::path& root) {
  const auto slot = entry(root);
  const std::scoped_lock lock(slot->mutex);
  if (slot->snapshot) {
    // Two looks at the file system when nothing changed: the last commit is the same file, the next is not there.
    const auto stamp = stamp_of(delta::commit_path(root, slot->snapshot->version));
    if (!stamp || *stamp != slot->stamp) {
      slot->snapshot = nullptr;
    } else if (!stamp_of(delta::commit_path(root, slot->snapshot->version + 1))) {
      return slot->snapshot;
    }
  }
  Result<std::shared_ptr<const delta::Snapshot>> fresh =
      slot->snapshot ? delta::advance(slot->snapshot) : delta::load_snapshot(root, std::nullopt, reader_of(engine));
  if (fresh) {
    slot->snapshot = *fresh;
    slot->stamp = stamp_of(delta::commit_path(root, slot->snapshot->version)).value_or(std::pair{0U, -1});
  }
  return fresh;
}

Result<std::shared_ptr<const delta::Snapshot>> TableStore::at(Engine& engine, const std::filesystem::path& root,
                                                              std::int64_t version) {
  PIER_TRY_ASSIGN(auto newest, latest(engine, root));
  if (newest->version == version) {
    return newest;
  }
  return delta::load_snapshot(root, version, reader_of(engine));
}

Result<std::shared_ptr<const delta::Snapshot>> TableStore::at_time(Engine& engine, const std::filesystem::path& root,
                                                                   std::int64_t millis) {
  PIER_TRY_ASSIGN(const auto versions, delta::commit_versions(root));
  std::optional<std::int64_t> found;
  for (const auto version : versions) {
    PIER_TRY_ASSIGN(const auto actions, delta::read_commit(root, version));
    if (delta::commit_timestamp(root, version, actions) > millis) {
      break;
    }
    found = version;
  }
  if (!found) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION",
                 .message = "The provided timestamp is before the earliest version available to this table"};
  }
  return at(engine, root, *found);
}

Result<std::int64_t> TableStore::commit(Engine& engine, delta::CommitRequest request) {
  PIER_TRY_ASSIGN(const auto version, delta::commit(request));
  {
    const std::scoped_lock lock(commit_mutex_);
    ++commits_;
  }
  committed_.notify_all();
  if (version > 0 && version % k_checkpoint_interval == 0) {
    // The commit stands whatever becomes of the checkpoint.
    auto done = latest(engine, request.root);
    if (done && (*done)->version == version) {
      if (auto written = delta::write_checkpoint(engine, **done, now_millis()); !written) {
        log::warn("lake", "event=checkpoint_failed error=\"" + written.error().to_string() + "\"");
      }
    }
  }
  return version;
}

std::unique_lock<std::mutex> TableStore::writing(const std::filesystem::path& root) {
  auto slot = entry(root);
  // The entry lives in the map for good, so the lock's mutex outlives the lock.
  return std::unique_lock(slot->writer);
}

void TableStore::forget(const std::filesystem::path& root) {
  const auto slot = entry(root);
  const std::scoped_lock lock(slot->mutex);
  slot->snapshot = nullptr;
}

std::uint64_t TableStore::commits() {
  const std::scoped_lock lock(commit_mutex_);
  return commits_;
}

void TableStore::wait_for_commit(std::uint64_t seen, std::chrono::milliseconds timeout, const std::stop_token& stop) {
  std::unique_lock lock(commit_mutex_);
  committed_.wait_for(lock, stop, timeout, [&] { return commits_ != seen; });
}

} // namespace pier::lake

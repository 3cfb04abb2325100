#include "core/deploy/file_sync.hpp"

#include "core/base/files.hpp"
#include "core/base/guarded.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

namespace pier::deploy {
namespace {

constexpr std::size_t k_in_flight = 20;
constexpr std::uint64_t k_max_upload = 500ULL * 1024 * 1024;

using workspace_client::WorkspaceFiles;

class Uploader {
 public:
  Uploader(const std::vector<LocalFile>& files, const SyncTarget& target, workspace_client::RestClient& client,
           Observer& observer)
      : target_(target),
        remote_(client),
        observer_(observer) {
    for (const auto& file : files) {
      by_path_.emplace(file.path, &file);
    }
  }

  Result<void> apply(const SyncChanges& changes) {
    total_ = changes.remove.size() + changes.upload.size();
    PIER_TRY(for_each_parallel(k_in_flight, changes.remove, [this](const std::string& name) -> Result<void> {
      auto removed = remote_.remove(target_.remote_path + "/" + name);
      if (!removed && removed.error().kind != ErrorKind::not_found) {
        return removed;
      }
      step(name);
      return {};
    }));
    for (const auto& group : changes.remove_folders) {
      PIER_TRY(for_each_parallel(k_in_flight, group, [this](const std::string& name) -> Result<void> {
        // Somebody may have put something there; then the folder stays.
        const auto removed = remote_.remove(target_.remote_path + "/" + name);
        return removed || removed.error().kind != ErrorKind::interrupted ? Result<void>() : removed;
      }));
    }
    PIER_TRY(for_each_parallel(k_in_flight, changes.make_folders, [this](const std::string& name) {
      return remote_.make_directories(target_.remote_path + "/" + name);
    }));
    return for_each_parallel(k_in_flight, changes.upload, [this](const std::string& path) { return upload(path); });
  }

 private:
  Result<void> upload(const std::string& path) {
    PIER_TRY_ASSIGN(auto content, read_file(by_path_.at(path)->source, k_max_upload).context("uploading " + path));
    PIER_TRY(remote_.write(target_.remote_path + "/" + path, std::move(content)).context("uploading " + path));
    step(path);
    return {};
  }

  void step(const std::string& subject) {
    observer_.on_event(
        Event{.type = Event::Type::progress, .subject = subject, .text = "files", .done = ++done_, .total = total_});
  }

  const SyncTarget& target_;
  WorkspaceFiles remote_;
  Observer& observer_;
  std::map<std::string, const LocalFile*> by_path_;
  std::atomic<std::size_t> done_{0};
  std::size_t total_ = 0;
};

} // namespace

Result<void> for_each_parallel(std::size_t workers, const std::vector<std::string>& items,
                               const std::function<Result<void>(const std::string&)>& work) {
  std::atomic<std::size_t> next{0};
  Guarded<std::optional<Error>> failure;
  std::atomic<bool> failed{false};
  const auto loop = [&] {
    for (auto index = next++; index < items.size() && !failed; index = next++) {
      if (auto result = work(items[index]); !result) {
        failed = true;
        auto first = failure.lock();
        if (!first->has_value()) {
          *first = std::move(result).error();
        }
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(workers, items.size()); ++i) {
      threads.emplace_back(loop);
    }
    loop();
  }
  auto first = failure.lock();
  return first->has_value() ? Result<void>(**first) : Result<void>();
}

Result<void> ensure_remote_folder(workspace_client::RestClient& client, const std::string& path) {
  WorkspaceFiles remote(client);
  PIER_TRY_ASSIGN(auto status, remote.status(path));
  if (!status) {
    PIER_TRY(remote.make_directories(path).context("unable to create directory at " + path));
    PIER_TRY_ASSIGN(status, remote.status(path));
  }
  if (!status || (status->type != "DIRECTORY" && status->type != "REPO")) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER2044",
                 .message = path + " points to a " + (status ? to_lower(status->type) : "missing object"),
                 .hint = "move it away, or set workspace.file_path"};
  }
  return {};
}

Result<SyncResult> sync_files(std::vector<LocalFile> files, const SyncTarget& target,
                              workspace_client::RestClient& client, Observer& observer) {
  PIER_TRY_ASSIGN(const auto after, SyncSnapshot::of_files(files));
  PIER_TRY(ensure_remote_folder(client, target.remote_path));
  const auto path = snapshot_path(target.state_dir, client.host(), target.remote_path);
  const auto before = SyncSnapshot::load(path);
  const auto changes = compare_snapshots(before, after);
  if (!changes.empty()) {
    Uploader uploader(files, target, client, observer);
    PIER_TRY(uploader.apply(changes));
    PIER_TRY(after.save(path, client.host(), target.remote_path));
  }
  return SyncResult{.files = std::move(files), .uploaded = changes.upload, .removed = changes.remove.size()};
}

} // namespace pier::deploy

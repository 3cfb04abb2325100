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
using Action = SyncListener::Action;

} // namespace

ProgressListener::ProgressListener(Observer& observer)
    : observer_(observer) {}

void ProgressListener::on_begin(const SyncChanges& changes) {
  total_ = changes.remove.size() + changes.make_folders.size() + changes.upload.size();
  for (const auto& group : changes.remove_folders) {
    total_ += group.size();
  }
}

void ProgressListener::on_step(Action, const std::string& name, bool done) {
  if (done) {
    observer_.on_event(
        Event{.type = Event::Type::progress, .subject = name, .text = "files", .done = ++done_, .total = total_});
  }
}

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

Result<void> ensure_remote_folder(workspace_client::RestClient& client, const std::string& path, bool only_look) {
  WorkspaceFiles remote(client);
  PIER_TRY_ASSIGN(auto status, remote.status(path));
  if (!status) {
    if (only_look) {
      return {};
    }
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

FileSync::FileSync(SyncTarget target, SyncOptions options, workspace_client::RestClient& client, SyncListener& listener)
    : target_(std::move(target)),
      options_(options),
      client_(client),
      listener_(listener) {}

Result<void> FileSync::prepare() {
  PIER_TRY(ensure_remote_folder(client_, target_.remote_path, options_.dry_run));
  if (!options_.full) {
    before_ = SyncSnapshot::load(snapshot_path(target_.state_dir, client_.host(), target_.remote_path));
  }
  return {};
}

Result<SyncResult> FileSync::run(std::vector<LocalFile> files) {
  PIER_TRY_ASSIGN(auto after, SyncSnapshot::of_files(files));
  const auto changes = compare_snapshots(before_, after, options_.resend);
  listener_.on_begin(changes);
  if (!changes.empty()) {
    PIER_TRY(apply(changes, files));
    if (!options_.dry_run) {
      PIER_TRY(after.save(snapshot_path(target_.state_dir, client_.host(), target_.remote_path), client_.host(),
                          target_.remote_path));
    }
  }
  before_ = std::move(after);
  listener_.on_end(changes);
  return SyncResult{.files = std::move(files), .uploaded = changes.upload, .removed = changes.remove.size()};
}

Result<void> FileSync::apply(const SyncChanges& changes, const std::vector<LocalFile>& files) {
  std::map<std::string, const LocalFile*> by_path;
  for (const auto& file : files) {
    by_path.emplace(file.path, &file);
  }
  // Steps of one kind run side by side, each told when it begins and when it is done.
  const auto each = [this](Action action, const std::vector<std::string>& names, const auto& work) {
    return for_each_parallel(k_in_flight, names, [&](const std::string& name) -> Result<void> {
      listener_.on_step(action, name, false);
      if (!options_.dry_run) {
        PIER_TRY(work(name));
      }
      listener_.on_step(action, name, true);
      return {};
    });
  };
  PIER_TRY(each(Action::remove, changes.remove, [this](const auto& name) { return remove_file(name); }));
  for (const auto& group : changes.remove_folders) {
    PIER_TRY(each(Action::remove, group, [this](const auto& name) { return remove_folder(name); }));
  }
  PIER_TRY(each(Action::put, changes.make_folders, [this](const auto& name) { return make_folder(name); }));
  return each(Action::put, changes.upload, [&](const auto& path) { return upload(*by_path.at(path)); });
}

Result<void> FileSync::remove_file(const std::string& name) {
  auto removed = WorkspaceFiles(client_).remove(target_.remote_path + "/" + name);
  return removed || removed.error().kind != ErrorKind::not_found ? removed : Result<void>();
}

/// Somebody may have put something there; then the folder stays.
Result<void> FileSync::remove_folder(const std::string& name) {
  auto removed = WorkspaceFiles(client_).remove(target_.remote_path + "/" + name);
  return removed || removed.error().kind != ErrorKind::interrupted ? Result<void>() : removed;
}

Result<void> FileSync::make_folder(const std::string& name) {
  return WorkspaceFiles(client_).make_directories(target_.remote_path + "/" + name);
}

Result<void> FileSync::upload(const LocalFile& file) {
  const auto target = target_.remote_path + "/" + file.path;
  if (file.content) {
    return WorkspaceFiles(client_).write(target, *file.content);
  }
  PIER_TRY_ASSIGN(auto content, read_file(file.source, k_max_upload).context("uploading " + file.path));
  return WorkspaceFiles(client_).write(target, std::move(content));
}

} // namespace pier::deploy

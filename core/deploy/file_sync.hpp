#pragma once

#include "core/base/result.hpp"
#include "core/deploy/file_set.hpp"
#include "core/deploy/observer.hpp"
#include "core/deploy/sync_snapshot.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pier::deploy {

struct SyncResult {
  std::vector<LocalFile> files; ///< all of the bundle
  std::vector<std::string> uploaded;
  std::size_t removed = 0;
};

struct SyncTarget {
  std::string remote_path;         ///< workspace.file_path
  std::filesystem::path state_dir; ///< of the target on this machine
};

/// Hears what a sync does; called from several threads.
class SyncListener {
 public:
  enum class Action { put, remove };

  virtual ~SyncListener() = default;
  virtual void on_begin(const SyncChanges& changes) = 0;
  /// A file or folder is begun (`done` false) and then done.
  virtual void on_step(Action action, const std::string& name, bool done) = 0;
  virtual void on_end(const SyncChanges& changes) = 0;
};

/// Counts files for people who watch a deploy.
class ProgressListener final : public SyncListener {
 public:
  explicit ProgressListener(Observer& observer);

  void on_begin(const SyncChanges& changes) override;
  void on_step(Action action, const std::string& name, bool done) override;

  void on_end(const SyncChanges&) override {}

 private:
  Observer& observer_;
  std::size_t total_ = 0;
  std::atomic<std::size_t> done_{0};
};

struct SyncOptions {
  bool full = false;    ///< send everything, whatever was sent before
  bool dry_run = false; ///< only tell what would be done
  Resend resend = Resend::changed;
};

/// Keeps a folder of the workspace like the files of a bundle: sends what changed since the last time and removes
/// what is gone, 20 requests in flight, in the order of the official CLI (facts: workspace-api 4). The snapshot is
/// saved after each run, so an interrupted one is done again.
class FileSync {
 public:
  FileSync(SyncTarget target, SyncOptions options, workspace_client::RestClient& client, SyncListener& listener);

  /// Makes sure that the remote folder is there, and reads what was sent before. Error PIER2044.
  Result<void> prepare();
  Result<SyncResult> run(std::vector<LocalFile> files);

 private:
  Result<void> apply(const SyncChanges& changes, const std::vector<LocalFile>& files);
  Result<void> remove_file(const std::string& name);
  Result<void> remove_folder(const std::string& name);
  Result<void> make_folder(const std::string& name);
  Result<void> upload(const LocalFile& file);

  SyncTarget target_;
  SyncOptions options_;
  workspace_client::RestClient& client_;
  SyncListener& listener_;
  SyncSnapshot before_;
};

/// Makes sure that the folder is there, unless `only_look`. Error PIER2044 when something else is.
Result<void> ensure_remote_folder(workspace_client::RestClient& client, const std::string& path,
                                  bool only_look = false);

/// Calls `work` for each item, up to `workers` at a time; stops handing out after the first error.
Result<void> for_each_parallel(std::size_t workers, const std::vector<std::string>& items,
                               const std::function<Result<void>(const std::string&)>& work);

} // namespace pier::deploy

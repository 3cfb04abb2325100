#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"
#include "core/workspace_client/shared_cache.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pier::workspace_client {

/// GET Me as the bundle language sees it. Service principals have an application id as user name.
Result<model::CurrentUser> current_user(RestClient& client);

struct KeptUser {
  model::CurrentUser user;
  bool from_cache = false;
};

/// The same, asked every half an hour: the official CLI keeps the answer to a token so long, and so does this.
Result<KeptUser> current_user(RestClient& client, const SharedCache& cache);

/// What `get-status` tells about a path of the workspace's file tree.
struct ObjectStatus {
  std::string path;
  std::string type; ///< "DIRECTORY", "FILE", "NOTEBOOK", "REPO" …
  std::int64_t object_id = 0;
};

/// Files and folders of the workspace tree (facts: workspace-api 3.1). Paths are absolute, "/Workspace/…".
class WorkspaceFiles {
 public:
  explicit WorkspaceFiles(RestClient& client)
      : client_(client) {}

  Result<std::optional<ObjectStatus>> status(const std::string& path); ///< nothing: does not exist
  Result<void> make_directories(const std::string& path);
  /// Error already_exists when it is there and overwrite is false; not_found when the folder is missing.
  Result<void> import_file(const std::string& path, std::string content, bool overwrite);
  /// As import_file, and makes the folder when it is missing.
  Result<void> write(const std::string& path, std::string content, bool overwrite = true);
  /// get-status, then export; nothing when the file does not exist.
  Result<std::optional<std::string>> read(const std::string& path);
  Result<void> remove(const std::string& path, bool recursive = false); ///< error not_found

 private:
  RestClient& client_;
};

/// Files in volumes, "/Volumes/c/s/v/…" (facts: workspace-api 3.2).
class VolumeFiles {
 public:
  explicit VolumeFiles(RestClient& client)
      : client_(client) {}

  Result<void> upload(const std::string& path, const std::filesystem::path& file, bool overwrite = true);
  Result<void> download(const std::string& path, const std::filesystem::path& file);
  Result<void> make_directories(const std::string& path);
  Result<void> remove(const std::string& path);
  /// "path", "name", "is_directory", "file_size" of each entry.
  Result<std::vector<Json>> list(const std::string& path);

 private:
  RestClient& client_;
};

/// Apps with compute and deployments (facts: workspace-api 3.3).
class Apps {
 public:
  explicit Apps(RestClient& client)
      : client_(client) {}

  Result<Json> get(const std::string& name);
  Result<std::vector<Json>> list();
  Result<void> start(const std::string& name); ///< returns at once
  Result<void> stop(const std::string& name);
  /// Polls until the compute is in one of `states`; error when it gets to ERROR otherwise.
  Result<Json> wait_for_compute(const std::string& name, const std::vector<std::string>& states);
  /// Starts a deployment and returns it (deployment_id, status).
  Result<Json> deploy(const std::string& name, const Json& deployment);
  /// Polls until SUCCEEDED; error PIER2011 with the status message when it fails.
  /// on_message gets each new status message.
  Result<Json> wait_for_deployment(const std::string& name, const std::string& deployment_id,
                                   const std::function<void(std::string_view)>& on_message = {});

 private:
  RestClient& client_;
};

/// Jobs and their runs (facts: workspace-api 3.8).
class Jobs {
 public:
  explicit Jobs(RestClient& client)
      : client_(client) {}

  Result<Json> get(std::int64_t job_id); ///< all pages of tasks merged
  Result<std::int64_t> run_now(const Json& request);
  Result<Json> get_run(std::int64_t run_id);
  Result<Json> get_output(std::int64_t task_run_id);
  Result<std::vector<Json>> list_runs(std::int64_t job_id, bool active_only, int limit);
  Result<void> cancel(std::int64_t run_id);
  /// Polls until the run ends, whatever its result; on_state gets every change of the run.
  Result<Json> wait_for_run(std::int64_t run_id, const std::function<void(const Json& run)>& on_state = {});

 private:
  RestClient& client_;
};

bool is_terminal_run_state(std::string_view life_cycle_state);

/// "https://h/?o=1#job/2/run/3" is where the API says a run is; people are sent to "https://h/jobs/2/runs/3?o=1".
std::string run_page(const std::string& url);

/// "/Workspace/Users/a@b/x" → "a%40b" escapes for a path below "/api/…": every character but unreserved.
std::string encode_segment(std::string_view text);

} // namespace pier::workspace_client

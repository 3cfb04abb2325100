#pragma once

#include "core/base/diagnostics.hpp"
#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/model/bundle.hpp"
#include "core/model/usage.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pier::bundles {

/// One run of the `databricks-bundles` package in the user's environment.
struct PythonCall {
  std::string phase;          ///< "load_resources", "apply_mutators"
  std::string input;          ///< the configuration as JSON
  std::string venv_path;      ///< relative to the bundle's folder; empty: python3 of PATH
  std::filesystem::path root; ///< where it runs
};

/// The files that the package wrote, and how it ended.
struct PythonAnswer {
  std::string output;
  std::string diagnostics; ///< JSON objects, one per line
  std::string locations;   ///< the same
  std::string failure;     ///< "exit status 1"; empty after success
  std::string standard_error;
};

/// Where an upload starts and ends.
struct UploadPlaces {
  std::filesystem::path root;      ///< the bundle's folder
  std::filesystem::path local_dir; ///< where this machine keeps what belongs to the target
  std::string remote_folder;       ///< of the workspace
};

/// What a load needs to know from outside. Nothing here touches a network.
struct LoadOptions {
  std::filesystem::path cwd;              ///< the search for databricks.yml starts here and goes up
  Environment env;                        ///< DATABRICKS_BUNDLE_TARGET, BUNDLE_VAR_x, …
  std::string target;                     ///< -t; empty: environment, else the only or default target
  std::string profile;                    ///< -p; wins over workspace.profile
  std::vector<std::string> vars;          ///< --var, each "name=value" (also a comma list)
  std::optional<model::CurrentUser> user; ///< who deploys; unknown: a stated placeholder

  /// The profile of a target that names neither host nor profile, when -p and DATABRICKS_CONFIG_PROFILE do not either.
  std::string default_profile;

  /// Tells who we are in the workspace of the target, when `user` is unset; called at most once, and not for a bundle
  /// with errors before. Nothing: not known, a placeholder stands in.
  std::function<Result<std::optional<model::CurrentUser>>(const model::WorkspaceSettings& workspace)> sign_in;

  /// Finds the id of a workspace object for a `lookup` variable: kind ("cluster", "service_principal" …)
  /// and name. Unset: offline; such variables stay open.
  std::function<Result<std::string>(const std::string& kind, const std::string& name)> look_up;

  /// Runs a hook of `experimental.scripts` ("preinit", "postinit") in the bundle's folder. Unset: not run.
  std::function<Result<void>(const std::string& hook, const std::string& script, const std::filesystem::path& root)>
      run_script;

  /// Runs Python-defined resources and mutators. Unset: the section `python` does nothing.
  std::function<Result<PythonAnswer>(const PythonCall& call)> run_python;

  /// How many files a deploy would upload. Unset: what the sync section selects is not checked.
  std::function<Result<std::size_t>(const model::SyncSettings& sync)> count_files;

  /// Whether patterns of `sync.exclude` keep a file (from the sync root) from being uploaded. Unset: not asked.
  std::function<bool(const std::vector<std::string>& patterns, const std::string& path)> is_excluded;

  /// Called once a bundle has no errors, before its files are counted: makes sure that it can be uploaded.
  /// Unset: not asked.
  std::function<Result<void>(const UploadPlaces& places)> prepare_upload;

  /// The access list of a folder of the workspace, as its permissions API tells it. Unset: not compared with the
  /// bundle's permissions.
  std::function<Result<Json>(const std::string& folder)> folder_access;

  /// Whether tasks have what they run on: only what deploys needs to know.
  bool check_tasks = true;

  /// Whether a volume ("catalog.schema.name") can be read: an error of kind not_found, permission_denied … says
  /// why not. Unset: workspace.artifact_path is not checked.
  std::function<Result<void>(const std::string& full_name)> read_volume;

  std::string cluster_id; ///< -c: all tasks of jobs run on this cluster

  /// The Spark version of a cluster that the bundle only names. Unset: such clusters are not checked.
  std::function<Result<std::string>(const std::string& cluster_id)> spark_version;

  /// Gets remarks that are no problem of the bundle and are not counted.
  std::function<void(const std::string& text)> on_remark;

  /// Gets what is done for a reason worth knowing.
  std::function<void(const std::string& text)> on_note;

  /// Gets each problem as soon as the load goes on behind it or calls one of the above; all of them are also
  /// in the diagnostics at the end.
  std::function<void(const Diagnostic&)> on_problem;

  /// Read the files and select the target, nothing more: neither identity nor variables.
  bool only_select = false;

  /// Answer exactly as the official CLI does: stop after the first step with an error, leave out the
  /// checks that only pier has (PIER19xx). Off: report every problem at once.
  bool compatible = false;

  /// Told what there is to report of the bundle's usage, also of a bundle with errors. Unset: nobody asks.
  model::Usage* usage = nullptr;

  /// Adds `__locations` to the configuration: files, and the places of sections, resources and tasks.
  bool with_locations = false;
};

/// The user that stands in when nobody is signed in: me@example.test.
model::CurrentUser placeholder_user();

/// The folder that holds databricks.yml. Error PIER1001 (none) or PIER1002 (two names in one folder).
Result<std::filesystem::path> find_bundle_root(const std::filesystem::path& cwd, const Environment& env);

/// The targets of the bundle around `options.cwd`, as its files name them; none when it cannot be read.
std::vector<std::string> target_names(const LoadOptions& options);

/// Reads, merges, resolves and checks the bundle around `cwd` for one target. Every problem goes to
/// `diagnostics`; spans name files relative to the bundle root. The value is the best that could be made
/// and may be there despite errors; deploy must not go on when there are any.
std::optional<model::Bundle> load(const LoadOptions& options, Diagnostics& diagnostics);

} // namespace pier::bundles

#pragma once

#include "core/base/diagnostics.hpp"
#include "core/base/environment.hpp"
#include "core/base/json.hpp"
#include "core/model/resource_key.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::model {

/// One thing to exist in the workspace. `config` is the resolved configuration in the shape of the REST
/// API; texts in it may still hold `${resources.…}`, which deploy resolves when the target is known.
struct ResourceNode {
  ResourceKey key;
  Json config;
  SourceSpan span; ///< where the user wrote it

  bool operator==(const ResourceNode&) const = default;
};

/// The resources of a target with their parts (`.permissions`, `.grants`) as nodes of their own.
/// Edges are the `${resources.…}` references in the configs plus each part's owner.
struct ResourceGraph {
  std::map<ResourceKey, ResourceNode> nodes;

  [[nodiscard]] const ResourceNode* find(const ResourceKey& key) const;

  /// The resources, no parts, that people call so: "nightly" or "jobs.nightly".
  [[nodiscard]] std::vector<ResourceKey> named(std::string_view name) const;
};

/// Where a target lives in the workspace. All absolute, below /Workspace.
struct WorkspacePaths {
  std::string root_path;
  std::string file_path;
  std::string artifact_path;
  std::string state_path;
  std::string resource_path;
};

/// Which workspace a target names, and how to sign in there; every member may be empty.
struct WorkspaceSettings {
  std::string host;
  std::string profile;
  std::string auth_type;
  std::string client_id;
  std::string workspace_id;
};

/// What to upload: folders below sync_root (relative, "." for all), and .gitignore-style patterns.
struct SyncSettings {
  std::filesystem::path sync_root; ///< absolute
  std::vector<std::string> paths;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::string internal{}; ///< a folder below sync_root: its files with a dot in the name always belong; may be empty
};

struct ArtifactFile {
  std::filesystem::path source; ///< absolute; may be a pattern until the artifact is built
  SourceSpan span;
};

/// A local library to build and upload.
struct Artifact {
  std::string key;
  std::string type; ///< "whl", "jar" or empty
  std::filesystem::path path;
  std::string build;
  std::string executable;       ///< "bash", "sh", "cmd"
  bool dynamic_version = false; ///< each build of a wheel gets a version of its own
  std::vector<ArtifactFile> files;
};

/// A field of a resource that names a local file to be uploaded: wheel, jar, archive of an AI runtime task.
struct LocalLibrary {
  ResourceKey resource;
  std::string field;  ///< "tasks[0].libraries[0].whl"
  std::string source; ///< from the sync root; may be a pattern and end with extras: "dist/x-*.whl[dev]"
  SourceSpan span;    ///< of the entry of a list that it is
};

/// Below the sync root and workspace.file_path: where archives of `Bundle::code_sources` go.
inline constexpr std::string_view k_code_folder = ".air_snapshots";

/// A bundle with one target selected and everything resolved that needs no workspace: the plain value
/// that `bundles` produces and `deploy` consumes. No YAML in it.
struct Bundle {
  std::string name;
  std::string target;
  std::string mode;                ///< "development", "production" or empty
  std::filesystem::path root;      ///< absolute; holds databricks.yml
  std::filesystem::path local_dir; ///< absolute; where this machine keeps what belongs to the target
  WorkspaceSettings workspace;
  WorkspacePaths paths;
  SyncSettings sync;
  ResourceGraph graph;
  Json permissions; ///< the top-level list, may be null
  std::vector<Artifact> artifacts;
  std::vector<LocalLibrary> libraries;
  std::vector<LocalLibrary> code_sources;   ///< code of AI runtime tasks; folders among them are packed
  std::map<std::string, std::string> hooks; ///< experimental.scripts: "predeploy" → command
  bool lock_enabled = true;
  Json config; ///< the whole resolved tree, as `validate -o json` prints it
};

/// Whether the environment forbids to run code that a bundle brings: scripts and Python. The variable counts even
/// when it is empty.
bool forbids_code(const Environment& env);

/// Why a script of `experimental.scripts` does not run then.
inline constexpr std::string_view k_scripts_forbidden =
    "failed to execute script: running scripts is not allowed when DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION is set";

/// Who deploys; the part of GET Me that the bundle language can refer to.
struct CurrentUser {
  std::string id;
  std::string user_name;
  std::string display_name;
  bool is_service_principal = false;
  Json profile{}; ///< the whole answer, for `${workspace.current_user.…}`; may be null
};

} // namespace pier::model

#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

// The steps between reading files and checking, in the order in which they run (see load.cpp). Each
// changes loading.config in place.

// references.cpp
void resolve_in_resources(Loading& loading); ///< `${…}` of variables, bundle and workspace

// workspace.cpp
void choose_profile(Loading& loading);          ///< -p, its variable, or the default one
void remark_on_host(Loading& loading);          ///< a host that is no host
void rewrite_sync_paths(Loading& loading);      ///< relative to the defining file → to the bundle root; root of sync
void set_current_user(Loading& loading);        ///< workspace.current_user
void set_git_details(Loading& loading);         ///< bundle.git
void set_workspace_paths(Loading& loading);     ///< root_path and the four below it, absolute
void remove_workspace_prefix(Loading& loading); ///< "/Workspace/${workspace.root_path}" → "${workspace.root_path}"

// mode.cpp
void link_source(Loading& loading); ///< presets.source_linked_deployment
void apply_mode(Loading& loading);  ///< development: presets and lock

// local_paths.cpp
void root_local_paths(Loading& loading);        ///< relative to the defining file → to the bundle root
void translate_local_paths(Loading& loading);   ///< local files → where they are in the workspace
bool has_immutable_folder(const Value& config); ///< experimental.immutable_folder

// merge_by_key.cpp
void merge_lists_by_key(Loading& loading); ///< tasks, job clusters, parameters, app resources, grants …

// fixups.cpp
void apply_fixups(Loading& loading); ///< clusters of pools, served models, contents of dashboards and Genie spaces

// uc_capture.cpp
void capture_catalog_names(Loading& loading); ///< literal catalog and schema names → references

// presets.cpp
void apply_presets(Loading& loading); ///< name prefix, tags, pause status

// run_as.cpp
void apply_run_as(Loading& loading);

// defaults.cpp
void apply_defaults(Loading& loading);

// permissions.cpp
void apply_permissions(Loading& loading); ///< top-level permissions on every resource
void fix_permissions(Loading& loading);   ///< the deployer may manage, each principal stands once

// artifacts.cpp
void prepare_artifacts(Loading& loading); ///< absolute paths, default wheel build, files by pattern

// alerts.cpp
void load_alert_files(Loading& loading); ///< content of .dbalert.json files

// pipelines.cpp
void expand_pipeline_files(Loading& loading); ///< patterns in libraries → the files they match

// clusters.cpp
void override_clusters(Loading& loading); ///< bundle.cluster_id for all tasks

// hooks.cpp
void run_hook(Loading& loading, const std::string& name); ///< a script of `experimental.scripts`

// finish.cpp
void set_volume_paths(Loading& loading);
void drop_empty_texts(Loading& loading);
void annotate_deployment(Loading& loading); ///< deployment, edit_mode, format of jobs; deployment of pipelines

} // namespace pier::bundles

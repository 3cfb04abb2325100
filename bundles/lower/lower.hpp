#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// Makes the plain value that deploy consumes: paths, sync, artifacts, hooks, and the graph with every
/// resource in the shape of the REST API, its permissions and grants as nodes of their own (with the
/// state shape of the official direct engine).
model::Bundle lower(Loading& loading);

model::WorkspaceSettings lower_workspace(const Loading& loading);
model::WorkspacePaths lower_paths(const Loading& loading);
/// Where this machine keeps what belongs to the target: `.databricks/bundle/<target>`, or elsewhere when
/// DATABRICKS_BUNDLE_TMP says so.
std::filesystem::path local_dir(const Loading& loading);

model::SyncSettings lower_sync(const Loading& loading);

/// The nodes only.
model::ResourceGraph lower_resources(Loading& loading);

} // namespace pier::bundles

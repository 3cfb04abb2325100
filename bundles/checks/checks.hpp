#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

// Rules that only look and report. Each file groups what looks at the same part; the order of calls is in
// load.cpp. Codes PIER107x to PIER11xx are the official CLI's rules, PIER19xx are pier's own.

// sections.cpp: before variables are resolved
void check_resources_have_values(Loading& loading);
void drop_empty_kinds(Loading& loading);
void check_no_reference_in_auth(Loading& loading);
void check_engine(Loading& loading);
void check_engine_variable(Loading& loading); ///< DATABRICKS_BUNDLE_ENGINE, by validate
void check_scripts(Loading& loading);
void check_secret_values(Loading& loading);
void check_volumes_paths(Loading& loading);

// fields.cpp
void check_required_fields(Loading& loading);
void check_choices(Loading& loading);
void check_reserved_fields(Loading& loading);

// target_mode.cpp
void check_mode(Loading& loading);
void check_shared_root(Loading& loading);

// apps.cpp
void check_apps(Loading& loading);

// jobs.cpp
void check_clusters(Loading& loading); ///< single-node settings
void check_jobs(Loading& loading);
void check_job_run_triggers(Loading& loading);

// terraform_fields.cpp
void check_terraform_fields(Loading& loading); ///< compatible only: references to what the direct engine lacks

// wheels.cpp
void check_wheel_clusters(Loading& loading); ///< local wheels need a recent Spark version

// ai_code.cpp
void check_ai_code(Loading& loading); ///< folders that become the code of AI runtime tasks

// volumes.cpp
void check_artifact_volume(Loading& loading);

// files.cpp
void check_files_to_sync(Loading& loading);
void check_sync_patterns(Loading& loading);

// folder_permissions.cpp: what the workspace grants beside the bundle
void check_folder_permissions(Loading& loading);

// deployer.cpp
void check_deployer_permission(Loading& loading);

// references.cpp: pier's own
void check_resource_references(Loading& loading);

} // namespace pier::bundles

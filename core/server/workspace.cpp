#include "core/server/workspace.hpp"

#include "core/base/files.hpp"
#include "core/server/app_resources.hpp"
#include "core/sync/database_template.hpp"

#include <array>

namespace fs = std::filesystem;

namespace pier::server {
namespace {

/// Private to the user; Lakebase opens the way to its own folder for PostgreSQL's user when needed.
Result<void> make_folders(const Workspace& workspace) {
  const std::array folders = {workspace.options.folder, workspace.run_folder(), workspace.spool_folder(),
                              workspace.logs_folder(), workspace.tls_folder()};
  for (const auto& folder : folders) {
    PIER_TRY(make_directories(folder, 0700));
  }
  return {};
}

/// What a killed daemon had not finished receiving.
Result<void> empty_folder(const fs::path& folder) {
  PIER_TRY(remove_tree(folder));
  return make_directories(folder, 0700);
}

} // namespace

Result<std::unique_ptr<Workspace>> Workspace::open(WorkspaceOptions options) {
  auto workspace = std::make_unique<Workspace>();
  workspace->options = std::move(options);
  PIER_TRY(make_folders(*workspace));
  PIER_TRY(empty_folder(workspace->spool_folder()));
  PIER_TRY_ASSIGN(workspace->database, store::Database::open(workspace->options.folder / "workspace.db"));
  // One transaction for all modules' tables: a first start pays one sync instead of one for each step, and
  // one that fails leaves no half-made workspace.
  PIER_TRY(workspace->database->transaction([&] { return workspace->open_modules(); }));
  return workspace;
}

Result<void> Workspace::open_modules() {
  PIER_TRY_ASSIGN(settings, Settings::open(*database));
  PIER_TRY_ASSIGN(id, settings->workspace_id());
  PIER_TRY_ASSIGN(identity, identity::Identity::open(*database, clock, options.owner));
  PIER_TRY_ASSIGN(permissions, identity::Permissions::open(*database, *identity));
  PIER_TRY_ASSIGN(secrets, identity::SecretScopes::open(*database, clock, *identity, options.folder / "secrets.key"));
  PIER_TRY_ASSIGN(catalog, catalog::Catalog::open(*database, clock, options.folder / "lake", options.folder / "volumes",
                                                  identity.get()));
  PIER_TRY_ASSIGN(files, files::WorkspaceFiles::open(*database, clock, options.folder / "files"));
  PIER_TRY_ASSIGN(file_access, files::FileAccess::open(*files, *identity, *permissions));
  volume_files = std::make_unique<files::VolumeFiles>(*catalog);
  PIER_TRY_ASSIGN(lake, lake::Lake::open({.root = options.folder / "lake",
                                          .volumes_root = options.folder / "volumes",
                                          .identity = identity.get()},
                                         *catalog, clock));
  PIER_TRY_ASSIGN(warehouses, lake::Warehouses::open(*database, *identity, *permissions, clock));
  PIER_TRY_ASSIGN(statements,
                  lake::Statements::create(*lake, clock, {.spill_folder = options.folder / "lake" / "results"}));
  PIER_TRY_ASSIGN(lakebase, lakebase::Lakebase::open(*database, *identity, clock,
                                                     {.folder = options.folder / "lakebase",
                                                      .tls_folder = tls_folder(),
                                                      .postgres_bin = options.env.get("PIER_POSTGRES_BIN").value_or(""),
                                                      .database_template_sql = sync::database_template_sql()}));
  PIER_TRY_ASSIGN(sync, sync::SyncService::open(*database, *identity, *catalog, *lake, *lakebase, clock));
  PIER_TRY_ASSIGN(apps, apps::Apps::open({.folder = options.folder / "apps",
                                          .state_folder = options.folder,
                                          .guard_program = {},
                                          .ports_library = {},
                                          .env = options.env,
                                          .timings = {}},
                                         {.database = *database,
                                          .clock = clock,
                                          .identity = *identity,
                                          .permissions = *permissions,
                                          .files = *files,
                                          .file_access = file_access.get(),
                                          .catalog = *catalog,
                                          .providers = app_resource_providers(*this)}));
  PIER_TRY_ASSIGN(
      jobs,
      jobs::Jobs::open(
          {.folder = options.folder / "jobs", .state_folder = options.folder, .guard_program = {}, .env = options.env},
          {.database = *database,
           .clock = clock,
           .identity = *identity,
           .permissions = *permissions,
           .files = *files,
           .access = *file_access,
           .lake = *lake}));
  return {};
}

Result<void> Workspace::start(std::string base_url) {
  url = std::move(base_url);
  PIER_TRY(apps->start({.url = url, .workspace_id = id}));
  PIER_TRY(jobs->start(url));
  return {};
}

void Workspace::begin_shutdown() {
  jobs->shut_down();
  statements->shut_down();
}

} // namespace pier::server

#include "core/deploy/deploy_checks.hpp"
#include "core/deploy/deployer.hpp"
#include "core/deploy/max_wait.hpp"
#include "core/deploy/planner.hpp"
#include "core/deploy/state_store.hpp"
#include "core/deploy/sync_snapshot.hpp"
#include "core/deploy/while_locked.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::deploy {
namespace {

/// `cascade_on_destroy: false` as it was deployed.
bool keeps_tables(const State& state, const std::string& key) {
  const auto* deployed = state.find(key);
  const auto* cascade = deployed == nullptr ? nullptr : deployed->state.find("cascade_on_destroy");
  return cascade != nullptr && cascade->is_bool() && !cascade->as_bool();
}

Result<DestroyResult> destroy_locked(Session& session, const DestroyOptions& options, State& state) {
  const auto& bundle = session.bundle;
  PIER_TRY_ASSIGN(auto plan, make_destroy_plan(state, session.client, session.observer, session.compatible));
  PIER_TRY(check_prevent_destroy(bundle, plan));
  DestroyResult result;
  Approval approval;
  approval.root_path = bundle.paths.root_path;
  Approval::Group all;
  for (const auto& [key, entry] : plan.entries) {
    const auto parsed = model::ResourceKey::parse(key);
    approval.deletes = approval.deletes || !entry.gone;
    if (!parsed || parsed->is_part()) {
      continue;
    }
    ++result.removed;
    if (parsed->kind == "pipelines" && keeps_tables(state, key)) {
      approval.retained.insert(short_key(key));
    }
    if (!entry.gone) {
      all.keys.push_back(short_key(key));
      all.actions.push_back(Action::remove);
    }
  }
  all.message = "The following resources will be deleted:";
  approval.groups.push_back(std::move(all));
  if (options.approve) {
    PIER_TRY_ASSIGN(const bool approved, options.approve(approval));
    if (!approved) {
      result.cancelled = true;
      return result;
    }
  }
  PIER_TRY_ASSIGN(const auto max_wait, resource_max_wait(session.env));
  PIER_TRY(state.begin_writing());
  const auto errors = apply_plan(plan, state, session.client, session.observer,
                                 {.before_app_code = {}, .compatible = session.compatible, .max_wait = max_wait});
  PIER_TRY(state.finish());
  if (!errors.empty()) {
    PIER_TRY(push_state(bundle, session.client));
    PIER_TRY(summarize(errors, session.compatible));
  }
  session.observer.on_event(Event{.type = Event::Type::phase, .text = "deleting " + bundle.paths.root_path});
  PIER_TRY(workspace_client::WorkspaceFiles(session.client).remove(bundle.paths.root_path, true));
  std::error_code error;
  std::filesystem::remove(snapshot_path(bundle.local_dir, session.client.host(), bundle.paths.file_path), error);
  std::filesystem::remove(bundle.local_dir / "app-sources.json", error);
  std::filesystem::remove(bundle.local_dir / "deployment.json", error);
  return result;
}

} // namespace

Result<DestroyResult> destroy_target(Session& session, const DestroyOptions& options) {
  const auto& bundle = session.bundle;
  PIER_TRY_ASSIGN(auto pulled, pull_state(bundle, session.client, session.observer));
  PIER_TRY_ASSIGN(const auto root, workspace_client::WorkspaceFiles(session.client).status(bundle.paths.root_path));
  if (!root) {
    DestroyResult nothing;
    nothing.nothing_deployed = true;
    return nothing;
  }
  DestroyResult result;
  PIER_TRY(while_locked(session, {.force = options.force_lock, .may_go_on = true}, [&]() -> Result<void> {
    PIER_TRY_ASSIGN(result, destroy_locked(session, options, pulled.state));
    return {};
  }));
  return result;
}

} // namespace pier::deploy

#include "core/deploy/deployer.hpp"

#include "core/base/files.hpp"
#include "core/deploy/app_code.hpp"
#include "core/deploy/app_source.hpp"
#include "core/deploy/artifacts.hpp"
#include "core/deploy/code_folders.hpp"
#include "core/deploy/dashboard_checks.hpp"
#include "core/deploy/deploy_checks.hpp"
#include "core/deploy/deployment_record.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/folder_permissions.hpp"
#include "core/deploy/hooks.hpp"
#include "core/deploy/libraries.hpp"
#include "core/deploy/max_wait.hpp"
#include "core/deploy/permission_report.hpp"
#include "core/deploy/planner.hpp"
#include "core/deploy/snapshot_upload.hpp"
#include "core/deploy/state_store.hpp"
#include "core/deploy/usage_facts.hpp"
#include "core/deploy/wheel_notebooks.hpp"
#include "core/deploy/while_locked.hpp"
#include "core/git/worktree_ignore.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

void announce(Observer& observer, std::string text) {
  observer.on_event(Event{.type = Event::Type::phase, .text = std::move(text)});
}

Result<std::vector<ArtifactOutput>> run_builds(Session& session, const model::Bundle& bundle) {
  PIER_TRY(run_hook(session, "prebuild"));
  PIER_TRY_ASSIGN(auto built, build_artifacts(bundle, session.env, session.client.stop_token(), session.observer,
                                              session.compatible));
  PIER_TRY(run_hook(session, "postbuild"));
  return built;
}

class Deployment {
 public:
  Deployment(Session& session, const DeployOptions& options)
      : session_(session),
        options_(options),
        bundle_(session.bundle),
        client_(session.client),
        notes_(options.usage) {}

  Result<DeployResult> run() {
    PIER_TRY(prepare_local_dir(bundle_.root, bundle_.local_dir));
    PIER_TRY_ASSIGN(auto pulled, pull_state(bundle_, client_, session_.observer));
    if (pulled.state.was_recovered()) {
      announce(session_.observer, "continuing a deployment that was interrupted");
    }
    if (options_.plan) {
      PIER_TRY(check_saved_plan(*options_.plan, pulled.state));
      artifacts_ = find_artifacts(bundle_, session_.observer);
      PIER_TRY(pack_code());
    } else {
      PIER_TRY_ASSIGN(artifacts_, run_builds(session_, bundle_));
      notes_.tell_builds(bundle_);
      PIER_TRY(pack_code());
      notes_.tell_experiment(bundle_, "python_wheel_wrapper", "python_wheel_wrapper_is_set");
      PIER_TRY(session_.compatible && !options_.force
                   ? check_dashboards(bundle_, pulled.state, client_, session_.observer, Severity::error)
                   : Result<void>());
      PIER_TRY(pull_deployment_record(bundle_, client_));
      PIER_TRY(options_.force ? Result<void>() : check_git_branch(bundle_));
      PIER_TRY(options_.fail_on_active_runs ? check_nothing_runs(pulled.state, client_) : Result<void>());
    }
    PIER_TRY(run_hook(session_, "predeploy"));
    PIER_TRY(while_locked(session_, {.force = options_.force_lock}, [&] { return locked(pulled); }));
    return std::move(result_);
  }

 private:
  Result<void> pack_code() {
    PIER_TRY_ASSIGN(archives_, pack_code_folders(bundle_, git::user_excludes_file(session_.env)));
    return {};
  }

  Result<void> locked(PulledState& pulled) {
    PIER_TRY(has_immutable_folder(bundle_) ? upload_as_snapshot(pulled.state) : upload_into_folders());
    PIER_TRY(make_resource_folder(bundle_, client_));
    PIER_TRY(make_the_plan(pulled.state));
    PIER_TRY(check_prevent_destroy(bundle_, result_.plan));
    if (const auto losses = losses_of(result_.plan); !losses.groups.empty() && options_.approve) {
      PIER_TRY_ASSIGN(const bool approved, options_.approve(losses));
      if (!approved) {
        result_.cancelled = true;
        return {};
      }
    }
    PIER_TRY(apply(pulled));
    PIER_TRY(run_postdeploy());
    return collect_urls();
  }

  Result<void> upload_into_folders() {
    PIER_TRY_ASSIGN(const auto libraries, place_libraries(bundle_, artifacts_, session_.observer));
    PIER_TRY(wrap_wheel_tasks(bundle_));
    notes_.tell_experiment(bundle_, "skip_artifact_cleanup", "skip_artifact_cleanup");
    PIER_TRY(upload_libraries(bundle_, libraries, client_, session_.observer, session_.compatible));
    PIER_TRY(upload_files());
    return let_in(bundle_);
  }

  /// Whom the bundle names, into its folders.
  Result<void> let_in(const model::Bundle& folders) {
    PIER_TRY_ASSIGN(const auto access, apply_folder_permissions(folders, client_));
    notes_.tell_access(bundle_, session_.user, access);
    notes_.tell_compute(bundle_);
    return {};
  }

  Result<void> upload_as_snapshot(State& state) {
    announce(session_.observer, "uploading immutable bundle snapshot");
    auto unplaced = bundle_; // libraries get their places when the snapshot has its own
    PIER_TRY_ASSIGN(auto libraries, place_libraries(unplaced, artifacts_, session_.observer));
    PIER_TRY_ASSIGN(auto files, list_files(bundle_.sync, git::user_excludes_file(session_.env)));
    const Snapshot snapshot{
        .files = std::move(files), .libraries = std::move(libraries), .deployment = state.settle_lineage()};
    PIER_TRY_ASSIGN(const auto path, upload_snapshot(bundle_, session_.user, snapshot, client_));
    settle_snapshot_path(bundle_, path, !snapshot.libraries.empty());
    PIER_TRY(place_libraries(bundle_, artifacts_, session_.observer));
    PIER_TRY(wrap_wheel_tasks(bundle_));
    session_.observer.on_event(Event{.type = Event::Type::uploaded});
    auto folders = bundle_;
    folders.paths.file_path.clear(); // nobody can be let into a snapshot
    folders.paths.artifact_path.clear();
    return let_in(folders);
  }

  /// Everything is deployed by then: the official CLI tells the failure and goes on to its summary.
  Result<void> run_postdeploy() {
    auto ran = run_hook(session_, "postdeploy");
    if (!ran && session_.compatible) {
      session_.observer.on_event(
          Event{.type = Event::Type::step_failed, .text = ran.error().message, .error = &ran.error()});
      return {};
    }
    return ran;
  }

  Result<void> upload_files() {
    announce(session_.observer, "uploading bundle files to " + bundle_.paths.file_path);
    PIER_TRY_ASSIGN(auto files, list_files(bundle_.sync, git::user_excludes_file(session_.env)));
    add_archives(files, archives_);
    notes_.tell_files(files);
    ProgressListener progress(session_.observer);
    FileSync sync({.remote_path = bundle_.paths.file_path, .state_dir = bundle_.local_dir},
                  {.resend = session_.compatible ? Resend::newer : Resend::changed}, client_,
                  options_.sync_listener == nullptr ? progress : *options_.sync_listener);
    const auto ready = sync.prepare();
    auto synced = ready ? sync.run(std::move(files)) : Result<SyncResult>(ready.error());
    if (!synced && synced.error().kind == ErrorKind::permission_denied) {
      session_.observer.on_event(
          Event{.type = Event::Type::trouble,
                .text = "Failed to update, encountered possible permission error: " + bundle_.paths.file_path});
      return possible_permission_error(bundle_, session_.user, bundle_.paths.file_path);
    }
    PIER_TRY_ASSIGN(sync_, std::move(synced));
    result_.files_uploaded = sync_.uploaded.size();
    result_.files_removed = sync_.removed;
    session_.observer.on_event(
        Event{.type = Event::Type::uploaded, .done = result_.files_uploaded, .total = result_.files_removed});
    if (result_.files_uploaded + result_.files_removed > 0) {
      PIER_TRY(push_deployment_record(bundle_, sync_.files, client_));
      recorded_ = true;
    }
    return {};
  }

  Result<void> make_the_plan(const State& state) {
    if (options_.plan) {
      result_.plan = *options_.plan;
      return {};
    }
    announce(session_.observer, "comparing with the workspace");
    PIER_TRY_ASSIGN(result_.plan, make_plan(bundle_.graph, state, client_, session_.observer, session_.compatible));
    return options_.select.empty() ? Result<void>() : result_.plan.select(options_.select);
  }

  Result<void> apply(PulledState& pulled) {
    if (options_.deploy_changed_code) {
      result_.code_deployed = apps_with_new_code(bundle_, result_.plan, sync_.files, sync_.uploaded);
    }
    const bool settled = result_.plan.is_noop();
    PIER_TRY_ASSIGN(const auto max_wait, resource_max_wait(session_.env));
    if (!settled) {
      announce(session_.observer, "applying changes");
      PIER_TRY(pulled.state.begin_writing());
    }
    auto errors = apply_plan(
        result_.plan, pulled.state, client_, session_.observer,
        {.before_app_code = options_.before_app_code, .compatible = session_.compatible, .max_wait = max_wait});
    if (errors.empty()) {
      errors = deploy_changed_code();
    }
    if (errors.empty() && options_.after_apply) {
      if (auto done = options_.after_apply(!settled); !done) {
        errors.push_back(std::move(done).error());
      }
    }
    PIER_TRY(pulled.state.finish());
    notes_.tell_state(pulled.state.path());
    const bool stopped = client_.stop_token().stop_requested();
    const auto cleanup = stopped ? client_.for_cleanup() : nullptr;
    auto& client = cleanup ? *cleanup : client_;
    // Also when something failed: what worked has to be known everywhere.
    if (!settled || !pulled.remote_is_current) {
      PIER_TRY(push_state(bundle_, client));
    }
    PIER_TRY(summarize(errors, session_.compatible));
    if (!settled || recorded_) {
      if (!recorded_) {
        PIER_TRY(push_deployment_record(bundle_, sync_.files, client));
      }
      PIER_TRY(push_metadata(bundle_, pulled.state, client));
    }
    return {};
  }

  std::vector<Error> deploy_changed_code() {
    auto sources = AppSources::load(bundle_);
    std::vector<Error> errors;
    for (const auto& key : result_.code_deployed) {
      if (auto deployed = deploy_code(key); !deployed) {
        errors.push_back(std::move(deployed).error().with_context("cannot deploy the code of " + key));
        session_.observer.on_event(
            Event{.type = Event::Type::step_failed, .subject = short_key(key), .text = errors.back().to_string()});
      }
    }
    if (!errors.empty()) {
      return errors;
    }
    bool any = false;
    for (const auto& [key, entry] : result_.plan.entries) {
      if (key.starts_with("resources.apps.") && entry.action != Action::remove) {
        const auto digest = source_digest(bundle_, entry.desired.get_string("source_code_path"), sync_.files);
        const auto* known = sources.find(key);
        if (!digest.empty() && (known == nullptr || *known != digest)) {
          sources.set(key, digest);
          any = true;
        }
      }
    }
    if (any) {
      if (auto saved = sources.save(bundle_); !saved) {
        errors.push_back(std::move(saved).error());
      }
    }
    return errors;
  }

  Result<void> deploy_code(const std::string& key) {
    const auto& entry = result_.plan.entries.at(key);
    const auto subject = short_key(key);
    const auto begin = std::chrono::steady_clock::now();
    session_.observer.on_event(Event{.type = Event::Type::step_started, .subject = subject, .text = "deploy code of"});
    Operation operation{.client = client_,
                        .observer = session_.observer,
                        .subject = subject,
                        .before_app_code = options_.before_app_code};
    const auto* started = entry.remote.find_path({"lifecycle", "started"});
    const bool running = started != nullptr && started->is_bool() && started->as_bool();
    PIER_TRY(start_and_deploy_code(operation, entry.desired.get_string("name"), entry.desired, running));
    session_.observer.on_event(
        Event{.type = Event::Type::step_finished,
              .subject = subject,
              .text = "deployed code of",
              .took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin)});
    return {};
  }

  Result<void> collect_urls() {
    for (const auto& [key, entry] : result_.plan.entries) {
      if (!key.starts_with("resources.apps.") || key.ends_with(".permissions") || entry.action == Action::remove) {
        continue;
      }
      const auto name = entry.desired.get_string("name");
      auto url = entry.remote.get_string("url");
      if (url.empty()) {
        PIER_TRY_ASSIGN(const auto app, workspace_client::Apps(client_).get(name));
        url = app.get_string("url");
      }
      result_.apps.push_back({name, url});
    }
    return {};
  }

  Session& session_;
  const DeployOptions& options_;
  model::Bundle bundle_; ///< a copy: libraries get their remote paths
  std::vector<ArtifactOutput> artifacts_;
  std::vector<LocalFile> archives_;
  workspace_client::RestClient& client_;
  UsageNotes notes_;
  SyncResult sync_;
  DeployResult result_;
  bool recorded_ = false;
};

} // namespace

Result<DeployResult> deploy_target(Session& session, const DeployOptions& options) {
  return Deployment(session, options).run();
}

Result<PlanResult> plan_target(Session& session, const PlanOptions& options) {
  auto bundle = session.bundle; // a copy: libraries get their remote paths
  PIER_TRY_ASSIGN(const auto pulled, pull_state(bundle, session.client, session.observer));
  std::vector<ArtifactOutput> artifacts;
  if (!session.compatible) {
    artifacts = find_artifacts(bundle, session.observer);
  } else {
    PIER_TRY_ASSIGN(artifacts, run_builds(session, bundle));
  }
  PIER_TRY_ASSIGN(const auto archives, pack_code_folders(bundle, git::user_excludes_file(session.env)));
  if (session.compatible) {
    PIER_TRY(options.force ? Result<void>() : check_git_branch(bundle));
    PIER_TRY(options.force
                 ? Result<void>()
                 : check_dashboards(bundle, pulled.state, session.client, session.observer, Severity::warning));
  }
  if (!has_immutable_folder(bundle)) { // whose libraries have no place before they are uploaded
    auto libraries = place_libraries(bundle, artifacts, session.observer);
    if (!libraries && session.compatible) {
      return std::move(libraries).error();
    }
    PIER_TRY(wrap_wheel_tasks(bundle));
  }
  PlanResult result;
  PIER_TRY_ASSIGN(result.plan,
                  make_plan(bundle.graph, pulled.state, session.client, session.observer, session.compatible));
  if (!options.select.empty()) {
    PIER_TRY(result.plan.select(options.select));
  }
  if (session.compatible) {
    return result;
  }
  PIER_TRY_ASSIGN(auto files, list_files(bundle.sync, git::user_excludes_file(session.env)));
  add_archives(files, archives);
  PIER_TRY_ASSIGN(const auto after, SyncSnapshot::of_files(files));
  const auto before =
      SyncSnapshot::load(snapshot_path(bundle.local_dir, session.client.host(), bundle.paths.file_path));
  result.changed_code = apps_with_new_code(bundle, result.plan, files, compare_snapshots(before, after).upload);
  return result;
}

} // namespace pier::deploy

#include "core/jobs/jobs.hpp"

#include "core/apps/guard/guarded_process.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/jobs/active_runs.hpp"
#include "core/jobs/documents.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/run_executor.hpp"
#include "core/jobs/run_request.hpp"

#include <algorithm>

namespace pier::jobs {
namespace {

constexpr std::int64_t k_max_page = 100;
constexpr std::size_t k_output_lines = 5000;

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

/// A page token is the last id of the page before.
Result<std::int64_t> parse_page_token(std::string_view token) {
  std::int64_t id = 0;
  if (!token.empty() && (!parse_int64(token, id) || id <= 0)) {
    return invalid("the page token is not one of ours");
  }
  return id;
}

identity::ObjectRef object_of(std::int64_t job_id) {
  return {"jobs", std::to_string(job_id)};
}

class LocalJobs final : public Jobs {
 public:
  LocalJobs(Options options, Rooms rooms, JobStore store)
      : environments_(options.folder / "environments"),
        shared_{std::move(options), rooms, environments_, {}, {}},
        store_(std::move(store)) {
    shared_.run_and_wait = [this](const identity::Caller& caller, const Json& request, std::stop_token stop) {
      return run_and_wait(caller, request, std::move(stop));
    };
  }

  LocalJobs(const LocalJobs&) = delete;
  LocalJobs& operator=(const LocalJobs&) = delete;

  ~LocalJobs() override { shut_down(); }

  Result<void> start(std::string workspace_url) override {
    shared_.workspace_url = std::move(workspace_url);
    PIER_TRY(store_.end_interrupted(now()));
    active_.open();
    PIER_TRY_ASSIGN(const auto waiting, store_.queued(0));
    for (const auto& run : waiting) {
      PIER_TRY(start_queued(run.job_id));
    }
    return {};
  }

  void shut_down() override { active_.shut_down(); }

  Result<Json> create(const identity::Caller& caller, const Json& settings) override {
    PIER_TRY(check_settings(settings));
    PIER_TRY(run_as_of(caller, settings));
    Json kept = settings;
    const Json* entries = kept.find("access_control_list");
    const Json access = entries != nullptr ? *entries : Json();
    kept.erase("access_control_list");
    PIER_TRY_ASSIGN(const auto id, shared_.rooms.database.transaction([&]() -> Result<std::int64_t> {
      PIER_TRY_ASSIGN(const auto job_id,
                      store_.add_job({.settings = kept, .creator = caller.principal.name, .created_at = now()}));
      PIER_TRY(shared_.rooms.permissions.created(object_of(job_id), caller));
      return job_id;
    }));
    return Json::object({{"job_id", id}});
  }

  Result<void> reset(const identity::Caller& caller, std::int64_t job_id, const Json& settings) override {
    PIER_TRY_ASSIGN(const auto job, job_for(caller, job_id, "CAN_MANAGE"));
    PIER_TRY(check_settings(settings));
    Json kept = settings;
    // Left out, it stays; only this member does.
    if (const Json* run_as = job.settings.find("run_as"); run_as != nullptr && !kept.contains("run_as")) {
      kept["run_as"] = *run_as;
    }
    PIER_TRY(run_as_of(caller, kept));
    return store_.save_settings(job_id, kept);
  }

  Result<void> update(const identity::Caller& caller, std::int64_t job_id, const Json& settings,
                      const std::vector<std::string>& fields_to_remove) override {
    PIER_TRY_ASSIGN(const auto job, job_for(caller, job_id, "CAN_MANAGE"));
    Json kept = job.settings;
    if (settings.is_object()) {
      for (const auto& [name, value] : settings.as_object()) {
        kept[name] = value;
      }
    }
    for (const auto& name : fields_to_remove) {
      kept.erase(name);
    }
    PIER_TRY(check_settings(kept));
    PIER_TRY(run_as_of(caller, kept));
    return store_.save_settings(job_id, kept);
  }

  Result<Json> get(const identity::Caller& caller, std::int64_t job_id) override {
    PIER_TRY_ASSIGN(const auto job, job_for(caller, job_id, "CAN_VIEW"));
    return job_document(job);
  }

  Result<Json> list(const identity::Caller& caller, std::string_view name, std::int64_t limit,
                    std::string_view page_token) override {
    PIER_TRY_ASSIGN(auto before, parse_page_token(page_token));
    const auto wanted = static_cast<std::size_t>(std::clamp<std::int64_t>(limit, 1, k_max_page));
    Json page = Json::array();
    while (page.size() < wanted) {
      PIER_TRY_ASSIGN(const auto jobs, store_.jobs(before, k_max_page));
      if (jobs.empty()) {
        break;
      }
      for (const auto& job : jobs) {
        before = job.id;
        PIER_TRY_ASSIGN(const bool visible, shared_.rooms.permissions.allows(caller, object_of(job.id), "CAN_VIEW"));
        if (visible && (name.empty() || equals_ignore_case(job.settings.get_string("name"), name))) {
          page.push_back(job_document(job));
        }
        if (page.size() == wanted) {
          break;
        }
      }
    }
    PIER_TRY_ASSIGN(const auto rest, store_.jobs(before, 1));
    const bool more = before > 0 && page.size() == wanted && !rest.empty();
    Json answer = Json::object({{"has_more", more}});
    if (!page.is_empty()) {
      answer["jobs"] = std::move(page);
    }
    if (more) {
      answer["next_page_token"] = std::to_string(before);
    }
    return answer;
  }

  Result<void> remove(const identity::Caller& caller, std::int64_t job_id) override {
    PIER_TRY(job_for(caller, job_id, "CAN_MANAGE"));
    PIER_TRY(cancel_all(caller, job_id));
    return shared_.rooms.database.transaction([&]() -> Result<void> {
      PIER_TRY(store_.remove_job(job_id));
      return shared_.rooms.permissions.remove_object(object_of(job_id));
    });
  }

  Result<Json> run_now(const identity::Caller& caller, const Json& request) override {
    PIER_TRY_ASSIGN(const auto run, start_run_of_job(caller, request));
    return Json::object({{"run_id", run.id}, {"number_in_job", run.number_in_job}});
  }

  Result<Json> submit(const identity::Caller& caller, const Json& request) override {
    PIER_TRY(check_settings(request));
    RunRecord run;
    run.settings = request;
    run.settings["name"] = request.get_string("run_name", "Untitled");
    run.creator = caller.principal.name;
    PIER_TRY_ASSIGN(run.run_as, run_as_of(caller, request));
    bool is_new = false;
    PIER_TRY_ASSIGN(run, store_.add_run(std::move(run), request.get_string("idempotency_token"), is_new));
    if (is_new) {
      PIER_TRY(launch(run));
    }
    return Json::object({{"run_id", run.id}});
  }

  Result<Json> run(const identity::Caller& caller, std::int64_t run_id) override {
    PIER_TRY_ASSIGN(const auto run, run_for(caller, run_id, "CAN_VIEW"));
    return document_of(run, true);
  }

  Result<Json> runs(const identity::Caller& caller, const RunFilter& filter) override {
    PIER_TRY_ASSIGN(const auto before, parse_page_token(filter.page_token));
    const auto limit = std::clamp<std::int64_t>(filter.limit, 1, k_max_page);
    PIER_TRY_ASSIGN(auto found, store_.runs(filter, before, limit + 1));
    const bool more = static_cast<std::int64_t>(found.size()) > limit;
    if (more) {
      found.pop_back();
    }
    Json answer = Json::object({{"has_more", more}});
    if (more) {
      answer["next_page_token"] = std::to_string(found.back().id);
    }
    for (const auto& run : found) {
      PIER_TRY_ASSIGN(const bool visible, may_see(caller, run));
      if (visible) {
        PIER_TRY_ASSIGN(auto document, document_of(run, false));
        answer["runs"].push_back(std::move(document));
      }
    }
    return answer;
  }

  Result<Json> output(const identity::Caller& caller, std::int64_t run_id) override {
    PIER_TRY_ASSIGN(auto run, run_for(caller, run_id, "CAN_VIEW"));
    if (run.parent_id == 0) {
      PIER_TRY_ASSIGN(auto tasks, store_.task_runs(run.id));
      if (tasks.size() != 1) {
        return invalid("Retrieving the output of runs with multiple tasks is not supported. "
                       "Please retrieve the output of each individual task run instead.");
      }
      run = std::move(tasks.front());
    }
    PIER_TRY_ASSIGN(auto metadata, document_of(run, false));
    Json answer = Json::object({{"metadata", std::move(metadata)}});
    std::string logs;
    for (const auto& line : apps::read_last_lines(log_file_of(shared_.options.folder, run.id), k_output_lines)) {
      logs += line.message + "\n";
    }
    answer["logs"] = std::move(logs);
    for (const char* name : {"error", "error_trace"}) {
      if (const Json* member = run.output.find(name)) {
        answer[name] = *member;
      }
    }
    return answer;
  }

  Result<void> cancel(const identity::Caller& caller, std::int64_t run_id) override {
    PIER_TRY_ASSIGN(auto run, run_for(caller, run_id, "CAN_MANAGE_RUN"));
    return active_.stop(run.parent_id == 0 ? run.id : run.parent_id, [&]() -> Result<void> {
      if (!run.is_active()) {
        return {};
      }
      set_end(run, TaskState::canceled, "Run cancelled.", now());
      return store_.save_run(run);
    });
  }

  Result<void> cancel_all(const identity::Caller& caller, std::int64_t job_id) override {
    PIER_TRY_ASSIGN(const auto found, store_.runs({.job_id = job_id, .active_only = true}, 0, k_max_page));
    for (const auto& run : found) {
      PIER_TRY(cancel(caller, run.id));
    }
    return {};
  }

  Result<void> remove_run(const identity::Caller& caller, std::int64_t run_id) override {
    PIER_TRY_ASSIGN(const auto run, run_for(caller, run_id, "CAN_MANAGE_RUN"));
    if (run.is_active()) {
      return invalid("Run " + std::to_string(run_id) + " is still active; cancel it first.");
    }
    return store_.remove_run(run_id);
  }

 private:
  [[nodiscard]] std::int64_t now() const { return to_epoch_millis(shared_.rooms.clock.now()); }

  Result<JobRecord> job_for(const identity::Caller& caller, std::int64_t job_id, std::string_view level) {
    PIER_TRY_ASSIGN(auto job, store_.job(job_id));
    PIER_TRY(shared_.rooms.permissions.require(caller, object_of(job_id), level));
    return job;
  }

  Result<bool> may_see(const identity::Caller& caller, const RunRecord& run) {
    if (run.job_id == 0) {
      return caller.is_admin || caller.is(run.creator);
    }
    return shared_.rooms.permissions.allows(caller, object_of(run.job_id), "CAN_VIEW");
  }

  Result<RunRecord> run_for(const identity::Caller& caller, std::int64_t run_id, std::string_view level) {
    PIER_TRY_ASSIGN(auto run, store_.run(run_id));
    if (run.job_id != 0) {
      PIER_TRY(shared_.rooms.permissions.require(caller, object_of(run.job_id), level));
    } else if (!caller.is_admin && !caller.is(run.creator)) {
      return Error{.kind = ErrorKind::permission_denied,
                   .code = "PERMISSION_DENIED",
                   .message = caller.principal.name + " may not see run " + std::to_string(run_id)};
    }
    return run;
  }

  /// Who the tasks run as: the caller, unless an admin names another.
  Result<std::string> run_as_of(const identity::Caller& caller, const Json& settings) {
    const Json* run_as = settings.find("run_as");
    if (run_as == nullptr || !run_as->is_object()) {
      return caller.principal.name;
    }
    auto name = run_as->get_string("user_name", run_as->get_string("service_principal_name"));
    if (name == caller.principal.name) {
      return name;
    }
    if (!caller.is_admin) {
      return Error{.kind = ErrorKind::permission_denied,
                   .code = "PERMISSION_DENIED",
                   .message = caller.principal.name + " may not let a job run as " + name};
    }
    PIER_TRY(shared_.rooms.identity.caller_named(name));
    return name;
  }

  /// A run with, on demand, its tasks.
  Result<Json> document_of(const RunRecord& run, bool with_tasks) {
    Json document = run_document(run, shared_.workspace_url);
    if (with_tasks && run.parent_id == 0) {
      PIER_TRY_ASSIGN(const auto tasks, store_.task_runs(run.id));
      for (const auto& task : tasks) {
        document["tasks"].push_back(task_document(task));
      }
    }
    return document;
  }

  Result<RunRecord> start_run_of_job(const identity::Caller& caller, const Json& request) {
    const Json* id = request.find("job_id");
    if (id == nullptr || !id->is_integer()) {
      return invalid("job_id is missing");
    }
    PIER_TRY_ASSIGN(const auto job, job_for(caller, id->as_integer(), "CAN_MANAGE_RUN"));
    RunRecord run;
    run.job_id = job.id;
    run.settings = job.settings;
    run.creator = caller.principal.name;
    run.run_as = run_as_name(job);
    PIER_TRY_ASSIGN(run.parameters, parameters_of(job.settings, request));
    PIER_TRY(select_tasks(run.settings, request));
    bool is_new = false;
    // One transaction, so that two requests at once do not both take the last place.
    PIER_TRY_ASSIGN(run, shared_.rooms.database.transaction([&]() -> Result<RunRecord> {
      PIER_TRY_ASSIGN(const auto active, store_.count_active(job.id));
      run.life_cycle = first_life_cycle(job.settings, active);
      if (run.life_cycle == "SKIPPED") {
        run.end_time = now();
        run.message = "The job already has its maximum of concurrent runs.";
      }
      return store_.add_run(run, request.get_string("idempotency_token"), is_new);
    }));
    if (is_new && run.life_cycle == "PENDING") {
      PIER_TRY(launch(run));
    }
    return run;
  }

  Result<void> launch(const RunRecord& run) {
    return active_.launch(run.id, [this, run](const std::stop_token& stop) {
      RunExecutor(shared_, store_, run).execute(stop);
      if (run.job_id != 0 && !stop.stop_requested()) {
        [[maybe_unused]] const auto started = start_queued(run.job_id);
      }
    });
  }

  /// Lets the oldest waiting run of a job go when there is room.
  Result<void> start_queued(std::int64_t job_id) {
    PIER_TRY_ASSIGN(const auto waiting, store_.queued(job_id));
    for (auto run : waiting) {
      PIER_TRY_ASSIGN(const auto active, store_.count_active(job_id));
      if (first_life_cycle(run.settings, active) != "PENDING") {
        return {};
      }
      run.life_cycle = "PENDING";
      PIER_TRY(store_.save_run(run));
      PIER_TRY(launch(run));
    }
    return {};
  }

  Result<RunRecord> run_and_wait(const identity::Caller& caller, const Json& request, std::stop_token stop) {
    PIER_TRY_ASSIGN(auto run, start_run_of_job(caller, request));
    const std::stop_callback on_stop(stop, [&] { [[maybe_unused]] const auto cancelled = cancel(caller, run.id); });
    // A run writes its end down before it says so: none is missed.
    PIER_TRY(active_.wait_until([&]() -> Result<bool> {
      PIER_TRY_ASSIGN(run, store_.run(run.id));
      return !run.is_active();
    }));
    return run;
  }

  apps::PythonEnvironments environments_;
  Shared shared_;
  JobStore store_;
  ActiveRuns active_; ///< last: its threads use the rest
};

} // namespace

Result<std::unique_ptr<Jobs>> Jobs::open(Options options, Rooms rooms) {
  if (options.guard_program.empty()) {
    options.guard_program = apps::beside_executable("pier-guard");
  }
  PIER_TRY(make_directories(options.folder, 0700));
  PIER_TRY_ASSIGN(auto store, JobStore::open(rooms.database));
  return std::unique_ptr<Jobs>(std::make_unique<LocalJobs>(std::move(options), rooms, std::move(store)));
}

} // namespace pier::jobs

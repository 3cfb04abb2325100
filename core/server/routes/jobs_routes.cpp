#include "core/base/text.hpp"
#include "core/server/routes.hpp"

namespace pier::server {
namespace {

Error missing(std::string_view name) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = "Missing required field: " + std::string(name)};
}

/// An id of the body: a number, or a text of one (some clients send int64 as text).
Result<std::int64_t> body_id(const ApiCall& call, std::string_view name) {
  const Json* member = call.body.find(name);
  std::int64_t id = 0;
  if (member != nullptr && member->is_integer()) {
    return member->as_integer();
  }
  if (member != nullptr && member->is_string() && parse_int64(member->as_string(), id)) {
    return id;
  }
  return missing(name);
}

Result<std::int64_t> query_id(const ApiCall& call, std::string_view name) {
  std::int64_t id = 0;
  if (!parse_int64(call.request.query.get(name).value_or(""), id)) {
    return missing(name);
  }
  return id;
}

std::int64_t query_number(const ApiCall& call, std::string_view name, std::int64_t fallback) {
  std::int64_t value = 0;
  return parse_int64(call.request.query.get(name).value_or(""), value) ? value : fallback;
}

/// Answers `{}` when the action succeeds.
Result<Json> done(const Result<void>& outcome) {
  if (!outcome) {
    return outcome.error();
  }
  return Json::object();
}

const Json& member_or_null(const Json& body, std::string_view name) {
  static const Json null;
  const Json* member = body.find(name);
  return member == nullptr ? null : *member;
}

void register_jobs(ApiRouter& router, jobs::Jobs& jobs, const std::string& base) {
  router.json("POST", base + "/create", [&jobs](ApiCall& call) { return jobs.create(call.caller, call.body); });
  router.json("GET", base + "/get", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, query_id(call, "job_id"));
    return jobs.get(call.caller, id);
  });
  router.json("GET", base + "/list", [&jobs](ApiCall& call) {
    const auto& query = call.request.query;
    return jobs.list(call.caller, query.get("name").value_or(""), query_number(call, "limit", 20),
                     query.get("page_token").value_or(""));
  });
  router.json("POST", base + "/reset", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, body_id(call, "job_id"));
    return done(jobs.reset(call.caller, id, member_or_null(call.body, "new_settings")));
  });
  router.json("POST", base + "/update", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, body_id(call, "job_id"));
    return done(jobs.update(call.caller, id, member_or_null(call.body, "new_settings"),
                            call.body.get_strings("fields_to_remove")));
  });
  router.json("POST", base + "/delete", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, body_id(call, "job_id"));
    return done(jobs.remove(call.caller, id));
  });
  router.json("POST", base + "/run-now", [&jobs](ApiCall& call) { return jobs.run_now(call.caller, call.body); });
}

void register_runs(ApiRouter& router, jobs::Jobs& jobs, const std::string& base) {
  router.json("POST", base + "/submit", [&jobs](ApiCall& call) { return jobs.submit(call.caller, call.body); });
  router.json("GET", base + "/get", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, query_id(call, "run_id"));
    return jobs.run(call.caller, id);
  });
  router.json("GET", base + "/get-output", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, query_id(call, "run_id"));
    return jobs.output(call.caller, id);
  });
  router.json("GET", base + "/list", [&jobs](ApiCall& call) {
    const auto& query = call.request.query;
    return jobs.runs(call.caller, {.job_id = query_number(call, "job_id", 0),
                                   .active_only = query.flag("active_only"),
                                   .completed_only = query.flag("completed_only"),
                                   .limit = query_number(call, "limit", 20),
                                   .page_token = query.get("page_token").value_or("")});
  });
  router.json("POST", base + "/cancel", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, body_id(call, "run_id"));
    return done(jobs.cancel(call.caller, id));
  });
  router.json("POST", base + "/cancel-all", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, body_id(call, "job_id"));
    return done(jobs.cancel_all(call.caller, id));
  });
  router.json("POST", base + "/delete", [&jobs](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto id, body_id(call, "run_id"));
    return done(jobs.remove_run(call.caller, id));
  });
  router.not_offered(base + "/repair", "Repairing a run is not offered by the local workspace: run the job again.");
}

} // namespace

void register_jobs_routes(ApiRouter& router, Workspace& workspace) {
  for (const char* version : {"2.0", "2.1", "2.2"}) {
    const std::string base = "/api/" + std::string(version) + "/jobs";
    register_jobs(router, *workspace.jobs, base);
    register_runs(router, *workspace.jobs, base + "/runs");
  }
}

} // namespace pier::server

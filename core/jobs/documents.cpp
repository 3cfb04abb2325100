#include "core/jobs/documents.hpp"

namespace pier::jobs {
namespace {

void put_parameters(Json& document, const RunRecord& run) {
  if (!run.parameters.is_object() || run.parameters.is_empty()) {
    return;
  }
  Json list = Json::array();
  for (const auto& [name, value] : run.parameters.as_object()) {
    list.push_back(Json::object({{"name", name}, {"value", value}}));
  }
  document["job_parameters"] = std::move(list);
}

} // namespace

std::string run_as_name(const JobRecord& job) {
  const Json* run_as = job.settings.find("run_as");
  return run_as == nullptr ? job.creator
                           : run_as->get_string("user_name", run_as->get_string("service_principal_name", job.creator));
}

Json job_document(const JobRecord& job) {
  Json settings = job.settings;
  if (!settings.contains("format")) {
    settings["format"] = "MULTI_TASK";
  }
  Json document = Json::object({{"job_id", job.id},
                                {"creator_user_name", job.creator},
                                {"run_as_user_name", run_as_name(job)},
                                {"created_time", job.created_at}});
  document["settings"] = std::move(settings);
  return document;
}

Json run_document(const RunRecord& run, std::string_view workspace_url) {
  const auto page = run.parent_id == 0 ? run.id : run.parent_id;
  Json document =
      Json::object({{"run_id", run.id},
                    {"job_id", run.job_id},
                    {"run_name", run.parent_id == 0 ? run.settings.get_string("name", "Untitled") : run.task_key},
                    {"number_in_job", run.number_in_job},
                    {"run_type", run.job_id == 0 ? "SUBMIT_RUN" : "JOB_RUN"},
                    {"creator_user_name", run.creator},
                    {"run_as", run.run_as},
                    {"run_page_url", std::string(workspace_url) + "/#job/" + std::to_string(run.job_id) + "/run/" +
                                         std::to_string(page)},
                    {"start_time", run.start_time},
                    {"end_time", run.end_time},
                    {"execution_duration", run.end_time > 0 ? run.end_time - run.start_time : std::int64_t{0}}});
  put_state(document, run);
  put_parameters(document, run);
  return document;
}

Json task_document(const RunRecord& task) {
  Json document = task.settings;
  document["run_id"] = task.id;
  document["attempt_number"] = task.attempt;
  document["start_time"] = task.start_time;
  document["end_time"] = task.end_time;
  put_state(document, task);
  return document;
}

} // namespace pier::jobs

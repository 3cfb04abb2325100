#include "core/base/text.hpp"
#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_api = "/api/2.2/jobs/";

std::int64_t number_of(const std::string& id) {
  std::int64_t number = 0;
  parse_int64(id, number);
  return number;
}

std::string api(std::string_view call) {
  return std::string(k_api) + std::string(call);
}

/// The settings, with what the workspace knows beside them.
Result<Json> read(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(const auto job, workspace_client::Jobs(operation.client).get(number_of(id)));
  const auto* settings = job.find("settings");
  auto remote = settings != nullptr && settings->is_object() ? *settings : Json::object();
  for (const auto* field : {"created_time", "creator_user_name", "effective_budget_policy_id",
                            "effective_usage_policy_id", "job_id", "run_as_user_name", "trigger_state"}) {
    if (const auto* value = job.find(field)) {
      remote[field] = *value;
    }
  }
  return remote;
}

/// A rule for tasks and for the task inside a for_each_task.
void add_task_rules(std::vector<FieldRule>& list, std::string_view field, std::string_view reason,
                    const std::vector<Json>& values = {}) {
  for (const auto* prefix : {"tasks[*].", "tasks[*].for_each_task.task."}) {
    list.push_back(FieldRule{.field = prefix + std::string(field), .reason = std::string(reason), .values = values});
  }
}

void add_cluster_rules(FieldRules& rules) {
  const auto for_clusters = [](std::vector<FieldRule>& list, const std::string& field, std::string_view reason) {
    add_task_rules(list, "new_cluster." + field, reason);
    list.push_back(FieldRule{.field = "job_clusters[*].new_cluster." + field, .reason = std::string(reason)});
  };
  for (const auto* cloud : {"aws_attributes", "azure_attributes", "gcp_attributes"}) {
    for_clusters(rules.ignore_remote, cloud, "managed");
  }
  for_clusters(rules.ignore_remote, "apply_policy_default_values", "not_returned_by_api");
  for (const auto* field : {"enable_elastic_disk", "enable_local_disk_encryption", "node_type_id",
                            "driver_node_type_id", "driver_instance_pool_id", "data_security_mode"}) {
    for_clusters(rules.backend_defaults, field, "backend_default");
  }
}

FieldRules make_rules() {
  FieldRules rules;
  rules.ignore_local = {
      FieldRule{.field = "deployment.version_id", .reason = "managed by the deployment metadata service"}};
  rules.ignore_remote = rules.ignore_local;
  add_cluster_rules(rules);
  rules.backend_defaults.push_back(FieldRule{.field = "format", .values = {Json("MULTI_TASK"), Json("SINGLE_TASK")}});
  rules.backend_defaults.push_back(FieldRule{.field = "run_as"});
  add_task_rules(rules.backend_defaults, "run_if", "backend_default", {Json("ALL_SUCCESS")});
  for (const auto* source :
       {"notebook_task.source", "spark_python_task.source", "sql_task.file.source", "dbt_task.source"}) {
    add_task_rules(rules.backend_defaults, source, "backend_default");
  }
  return rules;
}

KeyedLists make_keyed_lists() {
  KeyedLists keyed = {{"tasks", {"task_key"}},
                      {"parameters", {"name"}},
                      {"job_clusters", {"job_cluster_key"}},
                      {"environments", {"environment_key"}},
                      {"tasks[*].depends_on", {"task_key"}},
                      {"tasks[*].for_each_task.task.depends_on", {"task_key"}}};
  for (const std::string parent : {"webhook_notifications", "tasks[*].webhook_notifications",
                                   "tasks[*].for_each_task.task.webhook_notifications"}) {
    for (const auto* event : {"on_start", "on_success", "on_failure", "on_duration_warning_threshold_exceeded",
                              "on_streaming_backlog_exceeded"}) {
      keyed.emplace(parent + "." + event, std::vector<std::string>{"id"});
    }
  }
  return keyed;
}

} // namespace

Kind jobs() {
  Kind kind;
  kind.name = "jobs";
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.state_fields = {"budget_policy_id",
                       "continuous",
                       "deployment",
                       "description",
                       "edit_mode",
                       "email_notifications",
                       "environments",
                       "format",
                       "git_source",
                       "health",
                       "job_clusters",
                       "max_concurrent_runs",
                       "name",
                       "notification_settings",
                       "parameters",
                       "parent_path",
                       "performance_target",
                       "queue",
                       "run_as",
                       "schedule",
                       "tags",
                       "tasks",
                       "timeout_seconds",
                       "trigger",
                       "triggers",
                       "usage_policy_id",
                       "webhook_notifications"};
  kind.remote_fields = {
      "created_time",     "creator_user_name", "effective_budget_policy_id", "effective_usage_policy_id", "job_id",
      "run_as_user_name", "trigger_state"};
  kind.rules = make_rules();
  kind.keyed = make_keyed_lists();
  kind.integer_fields = {"tasks[*].run_job_task.job_id", "tasks[*].for_each_task.task.run_job_task.job_id"};
  kind.read = read;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY_ASSIGN(const auto answer, operation.client.post(api("create"), state));
    return std::to_string(answer.get_integer("job_id"));
  };
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY(
        operation.client.post(api("reset"), Json::object({{"job_id", number_of(update.id)}, {"new_settings", state}})));
    return {};
  };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    PIER_TRY(operation.client.post(api("delete"), Json::object({{"job_id", number_of(id)}})));
    return {};
  };
  return kind;
}

} // namespace pier::deploy::kinds

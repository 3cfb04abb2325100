#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <string_view>

namespace pier::bundles {
namespace {

/// A field in Terraform's words that no bundle has; ".*": what lies below it (facts: terraform_dabs_map of the
/// official source).
struct TerraformField {
  std::string_view kind;
  std::string_view path;
};

constexpr TerraformField k_fields[] = {
    {"alerts", "evaluation.notification.effective_notify_on_ok"},
    {"alerts", "evaluation.notification.effective_retrigger_seconds"},
    {"alerts", "purge_on_delete"},
    {"apps", "no_compute"},
    {"clusters", "clear_cloud_attributes_on_remove"},
    {"clusters", "cluster_mount_info.*"},
    {"clusters", "idempotency_token"},
    {"clusters", "is_pinned"},
    {"clusters", "library.*"},
    {"clusters", "no_wait"},
    {"clusters", "url"},
    {"dashboards", "dashboard_change_detected"},
    {"dashboards", "md5"},
    {"database_instances", "purge_on_delete"},
    {"experiments", "description"},
    {"jobs", "always_running"},
    {"jobs", "control_run_state"},
    {"jobs", "dbt_task.*"},
    {"jobs", "existing_cluster_id"},
    {"jobs", "library.*"},
    {"jobs", "max_retries"},
    {"jobs", "min_retry_interval_millis"},
    {"jobs", "new_cluster.*"},
    {"jobs", "notebook_task.*"},
    {"jobs", "pipeline_task.*"},
    {"jobs", "python_wheel_task.*"},
    {"jobs", "retry_on_timeout"},
    {"jobs", "run_job_task.*"},
    {"jobs", "spark_jar_task.*"},
    {"jobs", "spark_python_task.*"},
    {"jobs", "spark_submit_task.*"},
    {"jobs", "url"},
    {"model_serving_endpoints", "endpoint_url"},
    {"model_serving_endpoints", "serving_endpoint_id"},
    {"pipelines", "expected_last_modified"},
    {"pipelines", "url"},
    {"postgres_projects", "initial_branch_spec.*"},
    {"schemas", "force_destroy"},
    {"secret_scopes", "initial_manage_principal"},
    {"sql_warehouses", "data_source_id"},
    {"sql_warehouses", "no_wait"},
};

/// The same below every cluster of a job.
constexpr std::string_view k_clusters_of_jobs[] = {
    "job_cluster.new_cluster.",
    "task.new_cluster.",
    "task.for_each_task.task.new_cluster.",
};
constexpr std::string_view k_cluster_fields[] = {
    "__apply_policy_default_values_allow_list", "cluster_id", "cluster_mount_info.*", "idempotency_token", "library.*",
};

/// "task[0].library[1].whl" → "task.library.whl"
std::string without_indexes(std::string_view field) {
  std::string names;
  for (const auto& step : parse_path(field)) {
    if (!step.is_index) {
      names += (names.empty() ? "" : ".") + step.key;
    }
  }
  return names;
}

bool covers(std::string_view entry, std::string_view field) {
  if (entry.ends_with(".*")) {
    entry.remove_suffix(1);
    return field.size() > entry.size() && field.starts_with(entry);
  }
  return field == entry || (field.starts_with(entry) && field[entry.size()] == '.');
}

bool is_below_cluster_of_job(std::string_view field) {
  return std::any_of(std::begin(k_clusters_of_jobs), std::end(k_clusters_of_jobs), [&](std::string_view cluster) {
    return field.starts_with(cluster) &&
           std::any_of(std::begin(k_cluster_fields), std::end(k_cluster_fields),
                       [&](std::string_view entry) { return covers(entry, field.substr(cluster.size())); });
  });
}

bool is_only_terraforms(const model::ResourceReference& reference) {
  const auto field = without_indexes(reference.field);
  const auto& kind = reference.target.kind;
  return std::any_of(std::begin(k_fields), std::end(k_fields),
                     [&](const TerraformField& entry) { return entry.kind == kind && covers(entry.path, field); }) ||
         (kind == "jobs" && is_below_cluster_of_job(field));
}

} // namespace

void check_terraform_fields(Loading& loading) {
  if (!loading.options.compatible) {
    return; // PIER1903 says more
  }
  bool found = false;
  const auto visit = [&](const Value& value, const PathNode&) {
    if (value.as_text().find("${resources.") == std::string::npos) {
      return;
    }
    for (const auto& reference : model::find_references(value.as_text())) {
      const auto target = model::parse_resource_reference(reference.path);
      if (target && is_only_terraforms(*target)) {
        found = true;
        loading.error("PIER1105",
                      "\"" + reference.path +
                          "\": Terraform-only field; cross-resource references to Terraform-only fields are not "
                          "supported by the direct engine",
                      &value);
      }
    }
  };
  walk_texts(loading.config, PathNode{}, visit);
  if (found && loading.options.usage != nullptr) {
    loading.options.usage->tell("has_tf_only_references", true);
  }
}

} // namespace pier::bundles

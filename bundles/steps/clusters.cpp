#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"

namespace pier::bundles {
namespace {

bool is_set(const Value& task, std::string_view key) {
  const Value* value = task.find(key);
  return value != nullptr && !value->is_nil() && !(value->is_text() && value->as_text().empty());
}

void run_on(Value& task, const std::string& cluster_id) {
  if (Value* inner = task.find_path({"for_each_task", "task"}); inner != nullptr && inner->is_map()) {
    run_on(*inner, cluster_id);
    return;
  }
  if (!is_set(task, "new_cluster") && !is_set(task, "existing_cluster_id") && !is_set(task, "environment_key") &&
      !is_set(task, "job_cluster_key")) {
    return;
  }
  for (const std::string_view key : {"new_cluster", "environment_key", "job_cluster_key"}) {
    task.as_map().erase(key);
  }
  task.set("existing_cluster_id", Value::text(cluster_id));
}

} // namespace

void override_clusters(Loading& loading) {
  Value& bundle = loading.config.member("bundle");
  const auto mode = bundle.text_of("mode");
  if (!loading.options.cluster_id.empty()) {
    bundle.set("cluster_id", Value::text(loading.options.cluster_id));
  }
  if (mode == "production" && !bundle.text_of("cluster_id").empty()) {
    loading.report(Severity::warning, "PIER1069",
                   "Setting a cluster override for a target that uses 'mode: production' is not recommended", nullptr,
                   {}, {}, "It is recommended to always use the same compute for production target for consistency.");
  }
  auto cluster_id = bundle.text_of("cluster_id");
  if (const auto variable = loading.options.env.get("DATABRICKS_CLUSTER_ID"); variable && !variable->empty()) {
    if (mode != "development") {
      loading.warning("PIER1069", "The DATABRICKS_CLUSTER_ID variable is set but is ignored since the current target "
                                  "does not use 'mode: development'");
      return;
    }
    // The official CLI's words, which it counts as no problem; the setting itself stays as it was.
    cluster_id = *variable;
    loading.note("Setting a cluster override because DATABRICKS_CLUSTER_ID is set. It is recommended to use "
                 "--cluster-id instead, which works in any target mode.");
  }
  if (cluster_id.empty()) {
    return;
  }
  for_each_match(loading.config, "resources.jobs.*.tasks[*]", [&](Value& task, const PathNode&) {
    if (task.is_map()) {
      run_on(task, cluster_id);
    }
  });
}

} // namespace pier::bundles

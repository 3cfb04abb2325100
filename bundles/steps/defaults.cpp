#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/text.hpp"

namespace pier::bundles {
namespace {

/// Sets the member at the end of the pattern where its parent exists and lacks it.
void set_default(Value& config, std::string_view pattern, const Value& value) {
  const auto dot = pattern.rfind('.');
  const auto key = pattern.substr(dot + 1);
  for_each_match(config, pattern.substr(0, dot), [&](Value& parent, const PathNode&) {
    if (parent.is_map() && parent.find(key) == nullptr) {
      parent.set(key, value);
    }
  });
}

/// The workload of a cluster is both notebooks and jobs unless said otherwise.
void set_workload_defaults(Value& config, const std::string& cluster) {
  set_default(config, cluster + ".workload_type.clients.notebooks", Value::boolean(true));
  set_default(config, cluster + ".workload_type.clients.jobs", Value::boolean(true));
}

void add_workspace_prefix(Value& config, std::string_view kind) {
  for_each_resource_of(config, kind, [](const std::string&, Value& resource) {
    Value* parent = resource.find("parent_path");
    if (parent != nullptr && parent->is_text()) {
      auto path = parent->as_text();
      if (path != "/Workspace" && !path.starts_with("/Workspace/")) {
        path = std::filesystem::path("/Workspace/" + path).lexically_normal().generic_string();
        if (path.ends_with('/')) {
          path.pop_back();
        }
      }
      parent->assign(path);
    }
  });
}

} // namespace

void apply_defaults(Loading& loading) {
  Value& config = loading.config;
  const auto resource_path = Value::text(config.member("workspace").text_of("resource_path"));
  Value queue = Value::map();
  queue.set("enabled", Value::boolean(true));
  set_default(config, "resources.dashboards.*.parent_path", resource_path);
  set_default(config, "resources.dashboards.*.embed_credentials", Value::boolean(false));
  set_default(config, "resources.genie_spaces.*.parent_path", resource_path);
  set_default(config, "resources.volumes.*.volume_type", Value::text("MANAGED"));
  set_default(config, "resources.alerts.*.parent_path", resource_path);
  set_default(config, "resources.jobs.*.name", Value::text("Untitled"));
  set_default(config, "resources.jobs.*.max_concurrent_runs", Value::integer(1));
  set_default(config, "resources.jobs.*.schedule.pause_status", Value::text("UNPAUSED"));
  set_default(config, "resources.jobs.*.trigger.pause_status", Value::text("UNPAUSED"));
  set_default(config, "resources.jobs.*.continuous.pause_status", Value::text("UNPAUSED"));
  set_default(config, "resources.jobs.*.queue", queue);
  set_workload_defaults(config, "resources.jobs.*.job_clusters[*].new_cluster");
  set_default(config, "resources.pipelines.*.edition", Value::text("ADVANCED"));
  set_default(config, "resources.pipelines.*.channel", Value::text("CURRENT"));
  set_default(config, "resources.sql_warehouses.*.auto_stop_mins", Value::integer(120));
  set_default(config, "resources.sql_warehouses.*.enable_photon", Value::boolean(true));
  set_default(config, "resources.sql_warehouses.*.max_num_clusters", Value::integer(1));
  set_default(config, "resources.sql_warehouses.*.spot_instance_policy", Value::text("COST_OPTIMIZED"));
  set_default(config, "resources.apps.*.description", Value::text(""));
  set_default(config, "resources.clusters.*.autotermination_minutes", Value::integer(60));
  set_workload_defaults(config, "resources.clusters.*");
  add_workspace_prefix(config, "dashboards");
  add_workspace_prefix(config, "genie_spaces");
}

} // namespace pier::bundles

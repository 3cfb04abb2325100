#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "core/base/text.hpp"
#include "core/model/resource_key.hpp"

#include <array>
#include <set>

namespace pier::bundles {
namespace {

bool is_set(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && !value->is_nil() && !(value->is_text() && value->as_text().empty());
}

void check_cluster_key(Loading& loading, const std::set<std::string>& defined, const Value& task,
                       const std::string& path) {
  const Value* key = task.find("job_cluster_key");
  if (key == nullptr || !key->is_text() || key->as_text().empty() || defined.contains(key->as_text())) {
    return;
  }
  const std::vector<std::string> names(defined.begin(), defined.end());
  const auto best = nearest(key->as_text(), names);
  loading.warning("PIER1080", "job_cluster_key " + key->as_text() + " is not defined", key, path + ".job_cluster_key",
                  best.empty() ? "define it under 'job_clusters' of this job" : "did you mean '" + best + "'?");
}

template <class Visit> void each_item(const Value& resource, std::string_view list_name, Visit visit) {
  const Value* list = resource.find(list_name);
  if (list == nullptr || !list->is_list()) {
    return;
  }
  for (std::size_t i = 0; i < list->as_list().size(); ++i) {
    visit(list->as_list()[i], "." + std::string(list_name) + "[" + std::to_string(i) + "]");
  }
}

/// The names that tasks may refer to.
struct JobNames {
  std::set<std::string> tasks;
  std::set<std::string> environments;
};

void check_name(Loading& loading, const Value* named, const std::set<std::string>& known, const std::string& path,
                const std::string& code, const std::string& what) {
  if (named == nullptr || !named->is_text() || named->as_text().empty() || known.contains(named->as_text()) ||
      !model::find_references(named->as_text()).empty()) {
    return;
  }
  const auto best = nearest(named->as_text(), std::vector<std::string>(known.begin(), known.end()));
  loading.error(code, what + " " + named->as_text() + " is not defined", named, path,
                best.empty() ? "define it in this job" : "did you mean '" + best + "'?");
}

/// The workspace finds these only while deploying.
void check_task_names(Loading& loading, const JobNames& names, const Value& task, const std::string& path) {
  if (loading.options.compatible) {
    return;
  }
  each_item(task, "depends_on", [&](const Value& item, const std::string& at) {
    check_name(loading, item.find("task_key"), names.tasks, path + at + ".task_key", "PIER1904", "task");
  });
  check_name(loading, task.find("environment_key"), names.environments, path + ".environment_key", "PIER1905",
             "environment");
}

/// True for tasks that run on a cluster or an environment and cannot do without naming one.
bool needs_compute(const Value& task) {
  if (is_set(task, "notebook_task")) {
    return false; // a notebook carries its own environment
  }
  for (const std::string_view kind :
       {"python_wheel_task", "dbt_task", "spark_jar_task", "spark_submit_task", "spark_python_task"}) {
    if (task.find(kind) != nullptr && !task.find(kind)->is_nil()) {
      return true;
    }
  }
  return false;
}

void check_compute(Loading& loading, const Value& task, const std::string& path) {
  if (const Value* inner = task.find_path({"for_each_task", "task"}); inner != nullptr && inner->is_map()) {
    check_compute(loading, *inner, path + ".for_each_task.task");
  }
  static constexpr std::array<std::string_view, 4> k_fields = {"job_cluster_key", "environment_key",
                                                               "existing_cluster_id", "new_cluster"};
  std::vector<std::string> missing;
  for (const auto field : k_fields) {
    if (!is_set(task, field)) {
      missing.emplace_back(field);
    }
  }
  if (needs_compute(task) && missing.size() == k_fields.size()) {
    loading.report(Severity::error, "PIER1081", "Missing required cluster or environment settings", &task, path, {},
                   "Task " + in_quotes(task.text_of("task_key")) +
                       " requires a cluster or an environment to run.\nSpecify one of the following fields: " +
                       join(missing, ", ") + ".");
  }
}

bool looks_like_broken_single_node(const Value& cluster) {
  const Value* workers = cluster.find("num_workers");
  if (workers == nullptr || !workers->is_integer() || workers->as_integer() > 0 ||
      !cluster.text_of("policy_id").empty()) {
    return false;
  }
  const Value* single = cluster.find("is_single_node");
  if (single != nullptr && single->is_boolean() && single->as_boolean()) {
    return false;
  }
  const Value* conf = cluster.find("spark_conf");
  const Value* tags = cluster.find("custom_tags");
  return conf == nullptr || conf->text_of("spark.databricks.cluster.profile") != "singleNode" ||
         !conf->text_of("spark.master").starts_with("local") || tags == nullptr ||
         tags->text_of("ResourceClass") != "SingleNode";
}

void check_cluster(Loading& loading, const Value* cluster, const std::string& path) {
  if (cluster == nullptr || !cluster->is_map() || !looks_like_broken_single_node(*cluster)) {
    return;
  }
  loading.report(Severity::warning, "PIER1079", "Single node cluster is not correctly configured", cluster, path, {},
                 "num_workers should be 0 only for single-node clusters. To create a\n"
                 "valid single node cluster please ensure that the following properties\n"
                 "are correctly set in the cluster specification:\n\n"
                 "  spark_conf:\n    spark.databricks.cluster.profile: singleNode\n    spark.master: local[*]\n\n"
                 "  custom_tags:\n    ResourceClass: SingleNode\n  ");
}

} // namespace

void check_clusters(Loading& loading) {
  Value& config = loading.config;
  for_each_resource_of(config, "clusters", [&](const std::string& key, const Value& cluster) {
    check_cluster(loading, &cluster, "resources.clusters." + key);
  });
  for_each_resource_of(config, "jobs", [&](const std::string& key, const Value& job) {
    const auto path = "resources.jobs." + key;
    each_item(job, "job_clusters", [&](const Value& item, const std::string& at) {
      check_cluster(loading, item.find("new_cluster"), path + at + ".new_cluster");
    });
    each_item(job, "tasks", [&](const Value& task, const std::string& at) {
      check_cluster(loading, task.find("new_cluster"), path + at + ".new_cluster");
      check_cluster(loading, task.find_path({"for_each_task", "task", "new_cluster"}),
                    path + at + ".for_each_task.task.new_cluster");
    });
  });
  for_each_resource_of(config, "pipelines", [&](const std::string& key, const Value& pipeline) {
    each_item(pipeline, "clusters", [&](const Value& cluster, const std::string& at) {
      check_cluster(loading, &cluster, "resources.pipelines." + key + at);
    });
  });
}

void check_jobs(Loading& loading) {
  for_each_resource_of(loading.config, "jobs", [&](const std::string& key, const Value& job) {
    const auto path = "resources.jobs." + key;
    std::set<std::string> clusters;
    each_item(job, "job_clusters",
              [&](const Value& item, const std::string&) { clusters.insert(item.text_of("job_cluster_key")); });
    JobNames names;
    each_item(job, "tasks",
              [&](const Value& item, const std::string&) { names.tasks.insert(item.text_of("task_key")); });
    each_item(job, "environments", [&](const Value& item, const std::string&) {
      names.environments.insert(item.text_of("environment_key"));
    });
    each_item(job, "tasks", [&](const Value& task, const std::string& at) {
      check_task_names(loading, names, task, path + at);
      check_cluster_key(loading, clusters, task, path + at);
      if (const Value* inner = task.find_path({"for_each_task", "task"})) {
        check_cluster_key(loading, clusters, *inner, path + at + ".for_each_task.task");
      }
      check_compute(loading, task, path + at);
    });
  });
}

void check_job_run_triggers(Loading& loading) {
  for_each_resource_of(loading.config, "job_runs", [&](const std::string& key, const Value& run) {
    const Value* lifecycle = run.find("lifecycle");
    const Value* triggers = lifecycle == nullptr ? nullptr : lifecycle->find("triggers");
    if (triggers == nullptr || !triggers->is_list()) {
      return;
    }
    const auto path = "resources.job_runs." + key + ".lifecycle";
    bool on_deploy = false;
    for (const auto& trigger : triggers->as_list()) {
      const Value* flag = trigger.find("on_bundle_deploy");
      if (flag == nullptr || flag->is_nil()) {
        loading.error("PIER1084", "lifecycle.triggers entry must set on_bundle_deploy: true", &trigger, {},
                      "write '- on_bundle_deploy: true'");
      } else if (flag->is_boolean() && !flag->as_boolean()) {
        loading.error("PIER1084", "lifecycle.triggers.on_bundle_deploy must be true when set", flag, {},
                      "write true, or remove the entry");
      } else {
        on_deploy = true;
      }
    }
    const Value* prevent = lifecycle->find("prevent_destroy");
    if (on_deploy && prevent != nullptr && prevent->is_boolean() && prevent->as_boolean()) {
      loading.error("PIER1084", "lifecycle.triggers.on_bundle_deploy is incompatible with lifecycle.prevent_destroy",
                    lifecycle, loading.options.compatible ? "" : path);
    }
  });
}

} // namespace pier::bundles

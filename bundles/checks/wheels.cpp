#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "bundles/steps/libraries.hpp"
#include "core/base/text.hpp"
#include "core/model/resource_key.hpp"

namespace pier::bundles {
namespace {

/// Wheels from the bundle's folder work from Databricks Runtime 13.1 on.
bool is_too_old(const std::string& spark_version) {
  const auto parts = split(spark_version, '.');
  if (parts.size() < 2) {
    return false;
  }
  std::int64_t major = 0;
  std::int64_t minor = 99; // "13.x": the newest there is
  if (!parse_int64(parts[0], major) || (!parts[1].starts_with('x') && !parse_int64(parts[1], minor))) {
    return false;
  }
  return major < 13 || (major == 13 && minor < 1);
}

bool has_local_library(const Value& task) {
  const Value* libraries = task.find("libraries");
  if (libraries == nullptr || !libraries->is_list()) {
    return false;
  }
  for (const auto& library : libraries->as_list()) {
    for (const std::string_view sort : {"whl", "jar", "egg", "requirements"}) {
      if (const auto path = library.text_of(sort); !path.empty()) {
        if (is_local_library(path)) {
          return true;
        }
        break;
      }
    }
  }
  return false;
}

bool has_local_dependency(const Value& job) {
  bool found = false;
  const auto look = [&](Value& value, const PathNode&) {
    const bool local = value.is_text() && is_local_library(value.as_text());
    found = found || local;
  };
  for_each_match(const_cast<Value&>(job), "environments[*].spec.dependencies[*]", look);
  return found;
}

class WheelCheck {
 public:
  explicit WheelCheck(Loading& loading)
      : loading_(loading) {}

  void job(const Value& job) {
    const Value* tasks = job.find("tasks");
    if (tasks == nullptr || !tasks->is_list()) {
      return;
    }
    for (const auto& task : tasks->as_list()) {
      if (has_local_library(task)) {
        check(task);
      }
    }
    if (has_local_dependency(job)) {
      for (const auto& task : tasks->as_list()) {
        check(task);
      }
    }
  }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void fail(const std::string& summary, const Value& at) {
    failed_ = true;
    loading_.error("PIER1087", summary, loading_.extra(&at), {}, "use Databricks Runtime 13.3 or newer");
  }

  void check(const Value& task) {
    const auto key = task.text_of("task_key");
    if (const Value* cluster = task.find("new_cluster"); cluster != nullptr) {
      if (const auto version = cluster->text_of("spark_version"); is_too_old(version)) {
        fail("task " + key + " uses cluster with incompatible DBR version " + version, task);
        return;
      }
    }
    if (const auto cluster = task.text_of("job_cluster_key"); !cluster.empty()) {
      check_job_clusters(cluster);
    }
    if (const auto id = task.text_of("existing_cluster_id"); !id.empty()) {
      if (const auto version = version_of(id); is_too_old(version)) {
        fail("task " + key + " uses cluster with incompatible DBR version " + version, task);
      }
    }
  }

  /// Of all jobs, as the official CLI does.
  void check_job_clusters(const std::string& wanted) {
    for_each_resource_of(loading_.config, "jobs", [&](const std::string&, Value& job) {
      const Value* clusters = job.find("job_clusters");
      if (clusters == nullptr || !clusters->is_list()) {
        return;
      }
      for (const auto& cluster : clusters->as_list()) {
        const Value* made = cluster.find("new_cluster");
        const auto version = made == nullptr ? std::string() : made->text_of("spark_version");
        if (cluster.text_of("job_cluster_key") == wanted && is_too_old(version)) {
          fail("job cluster " + wanted + " uses incompatible DBR version " + version, cluster);
        }
      }
    });
  }

  std::string version_of(const std::string& id) {
    if (id.starts_with("${")) {
      const auto reference = model::pure_reference(id);
      const auto parts = split(reference.value_or(""), '.');
      if (!reference || parts.size() < 3) {
        loading_.remark("unable to parse cluster key from " + id);
        return {};
      }
      if (parts[0] != "resources" || parts[1] != "clusters") {
        loading_.remark("incorrect variable reference for cluster id " + id);
        return {};
      }
      const Value* cluster = loading_.config.find_path({"resources", "clusters", parts[2]});
      if (cluster == nullptr) {
        loading_.remark("unable to find cluster with key " + parts[2]);
      }
      return cluster == nullptr ? std::string() : cluster->text_of("spark_version");
    }
    if (!loading_.options.spark_version) {
      return {};
    }
    const auto version = loading_.options.spark_version(id);
    if (!version) {
      loading_.remark("unable to get spark version for cluster " + id + ", err: " + version.error().message);
    }
    return version.value_or("");
  }

  Loading& loading_;
  bool failed_ = false;
};

} // namespace

void check_wheel_clusters(Loading& loading) {
  const Value* wrapper = loading.config.find_path({"experimental", "python_wheel_wrapper"});
  const Value* linked = loading.config.find_path({"presets", "source_linked_deployment"});
  if (wrapper != nullptr && wrapper->is_boolean() && wrapper->as_boolean()) {
    if (linked != nullptr && linked->is_boolean() && linked->as_boolean()) {
      loading.warning("PIER1087", "Python wheel notebook wrapper is not available when using source-linked deployment "
                                  "mode. You can disable this mode by setting 'presets.source_linked_deployment: "
                                  "false'");
    }
    return;
  }
  WheelCheck check(loading);
  for_each_resource_of(loading.config, "jobs", [&](const std::string&, Value& job) { check.job(job); });
  if (check.failed()) {
    loading.error("PIER1087", "Python wheel tasks require compute with DBR 13.3+ to include local libraries. Please "
                              "change your cluster configuration or use the experimental 'python_wheel_wrapper' "
                              "setting. See https://docs.databricks.com/dev-tools/bundles/python-wheel.html for more "
                              "information.");
  }
}

} // namespace pier::bundles

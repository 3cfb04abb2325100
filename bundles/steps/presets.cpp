#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/text.hpp"
#include "core/model/principal.hpp"

#include <algorithm>

namespace pier::bundles {
namespace {

struct Presets {
  std::string prefix;
  std::string pause_status;
  std::vector<std::pair<std::string, std::string>> tags; ///< sorted by key
  std::int64_t max_concurrent_runs = 0;
  bool pipelines_development = false;
};

Presets read_presets(const Value& config) {
  Presets presets;
  const Value* section = config.find("presets");
  if (section == nullptr) {
    return presets;
  }
  presets.prefix = section->text_of("name_prefix");
  presets.pause_status = section->text_of("trigger_pause_status");
  if (const Value* tags = section->find("tags"); tags != nullptr && tags->is_map()) {
    for (const auto& tag : tags->as_map().entries()) {
      presets.tags.emplace_back(tag.key, tag.value.is_text() ? tag.value.as_text() : std::string());
    }
    std::sort(presets.tags.begin(), presets.tags.end());
  }
  if (const Value* runs = section->find("jobs_max_concurrent_runs"); runs != nullptr && runs->is_integer()) {
    presets.max_concurrent_runs = runs->as_integer();
  }
  const Value* development = section->find("pipelines_development");
  presets.pipelines_development = development != nullptr && development->is_boolean() && development->as_boolean();
  return presets;
}

/// "[dev x] " → "dev_x_", "pre-" → "pre": for names that allow only identifiers.
std::string identifier_prefix(const std::string& prefix) {
  const auto bare = std::string(trim(replace_all(prefix, "[", "")));
  const auto name = model::short_name(replace_all(bare, "@", "_"));
  return name + (bare.ends_with(']') ? "_" : "");
}

void put_prefix(Value& resource, std::string_view field, const std::string& prefix) {
  if (prefix.empty()) {
    return;
  }
  Value* name = resource.find(field);
  if (name == nullptr || name->is_nil()) {
    resource.set(field, Value::text(prefix));
  } else if (name->is_text()) {
    name->assign(prefix + name->as_text());
  }
}

void put_map_tags(Value& resource, std::string_view field, const Presets& presets, bool empty_counts_as_unset) {
  if (presets.tags.empty()) {
    return;
  }
  Value& tags = resource.member(field);
  if (tags.is_nil()) {
    tags = Value::map();
  }
  if (!tags.is_map()) {
    return;
  }
  for (const auto& [key, text] : presets.tags) {
    const Value* own = tags.find(key);
    if (own == nullptr || (empty_counts_as_unset && tags.text_of(key).empty())) {
      tags.set(key, Value::text(text));
    }
  }
}

void put_list_tags(Value& tags, const Presets& presets) {
  if (presets.tags.empty()) {
    return;
  }
  if (tags.is_nil()) {
    tags = Value::list();
  }
  if (!tags.is_list()) {
    return;
  }
  for (const auto& [key, text] : presets.tags) {
    const bool own = std::any_of(tags.as_list().begin(), tags.as_list().end(),
                                 [&](const Value& tag) { return tag.text_of("key") == key; });
    if (!own) {
      Value tag = Value::map();
      tag.set("key", Value::text(key));
      tag.set("value", Value::text(text));
      tags.as_list().push_back(std::move(tag));
    }
  }
}

void put_pause_status(Value& resource, std::string_view part, const Presets& presets) {
  Value* trigger = resource.find(part);
  if (!presets.pause_status.empty() && trigger != nullptr && trigger->is_map() &&
      trigger->text_of("pause_status").empty()) {
    trigger->set("pause_status", Value::text(presets.pause_status == "UNPAUSED" ? "UNPAUSED" : "PAUSED"));
  }
}

void preset_job(Value& job, const Presets& presets) {
  put_prefix(job, "name", presets.prefix);
  put_map_tags(job, "tags", presets, true);
  const Value* runs = job.find("max_concurrent_runs");
  const bool unset = runs == nullptr || runs->is_nil() || (runs->is_integer() && runs->as_integer() == 0);
  if (unset && presets.max_concurrent_runs != 0) {
    job.set("max_concurrent_runs", Value::integer(presets.max_concurrent_runs));
  }
  for (const std::string_view part : {"schedule", "continuous", "trigger"}) {
    put_pause_status(job, part, presets);
  }
}

void preset_pipeline(Value& pipeline, const Presets& presets) {
  put_prefix(pipeline, "name", presets.prefix);
  if (presets.pipelines_development) {
    pipeline.set("development", Value::boolean(true));
  }
  if (presets.pause_status == "PAUSED") {
    if (Value* continuous = pipeline.find("continuous");
        continuous != nullptr && continuous->is_boolean() && continuous->as_boolean()) {
      pipeline.as_map().erase("continuous");
    }
  }
  put_map_tags(pipeline, "tags", presets, true);
}

/// The prefix goes before the last part of the path, whose folders are written in their shortest form: "a//b/../c/d" is
/// "a/c/d", and "/a" is "//a".
void prefix_experiment(Value& experiment, const std::string& prefix) {
  Value* name = experiment.find("name");
  if (name == nullptr || name->is_nil() || (name->is_text() && name->as_text().empty())) {
    experiment.set("name", Value::text(prefix + ".")); // what the last part of an empty path is called
    return;
  }
  if (!name->is_text()) {
    return;
  }
  const auto& written = name->as_text();
  const auto end = written.find_last_not_of('/') + 1;
  const auto last = end == 0 ? "/" : written.substr(0, end).substr(written.rfind('/', end - 1) + 1);
  const auto folder = clean_path(written.substr(0, written.rfind('/') + 1));
  name->assign(folder == "." ? prefix + last : folder + "/" + prefix + last);
}

void preset_names(Loading& loading, const Presets& presets) {
  Value& config = loading.config;
  const auto prefix_kind = [&](std::string_view kind, std::string_view field, const std::string& prefix) {
    for_each_resource_of(config, kind,
                         [&](const std::string&, Value& resource) { put_prefix(resource, field, prefix); });
  };
  prefix_kind("models", "name", presets.prefix);
  prefix_kind("clusters", "cluster_name", presets.prefix);
  prefix_kind("instance_pools", "instance_pool_name", presets.prefix);
  prefix_kind("sql_warehouses", "name", presets.prefix);
  prefix_kind("dashboards", "display_name", presets.prefix);
  prefix_kind("alerts", "display_name", presets.prefix);
  prefix_kind("genie_spaces", "title", presets.prefix);
  const auto identifier = identifier_prefix(presets.prefix);
  prefix_kind("model_serving_endpoints", "name", identifier);
  prefix_kind("registered_models", "name", identifier);
  const Value* skip = config.find_path({"experimental", "skip_name_prefix_for_schema"});
  if (skip == nullptr || !skip->is_boolean() || !skip->as_boolean()) {
    prefix_kind("schemas", "name", identifier);
  }
  for_each_resource_of(config, "experiments",
                       [&](const std::string&, Value& experiment) { prefix_experiment(experiment, presets.prefix); });
}

void preset_tags(Value& config, const Presets& presets) {
  for (const std::string_view kind : {"models", "experiments"}) {
    for_each_resource_of(config, kind, [&](const std::string&, Value& resource) {
      if (!presets.tags.empty()) {
        put_list_tags(resource.member("tags"), presets);
      }
    });
  }
  for (const std::string_view kind : {"clusters", "instance_pools"}) {
    for_each_resource_of(config, kind, [&](const std::string&, Value& resource) {
      put_map_tags(resource, "custom_tags", presets, false);
    });
  }
  for_each_resource_of(config, "sql_warehouses", [&](const std::string&, Value& warehouse) {
    if (!presets.tags.empty()) {
      put_list_tags(warehouse.member("tags").member("custom_tags"), presets);
    }
  });
}

void pause_others(Value& config, const Presets& presets) {
  for_each_resource_of(config, "alerts", [&](const std::string&, Value& alert) {
    const Value* schedule = alert.find("schedule");
    if (schedule != nullptr && !schedule->text_of("quartz_cron_schedule").empty()) {
      put_pause_status(alert, "schedule", presets);
    }
  });
  if (presets.pause_status != "PAUSED") {
    return;
  }
  for_each_resource_of(config, "quality_monitors", [&](const std::string&, Value& monitor) {
    const Value* schedule = monitor.find("schedule");
    if (schedule != nullptr && schedule->text_of("pause_status") != "UNPAUSED") {
      monitor.as_map().erase("schedule");
    }
  });
}

} // namespace

void apply_presets(Loading& loading) {
  const Presets presets = read_presets(loading.config);
  if (!presets.pause_status.empty() && presets.pause_status != "PAUSED" && presets.pause_status != "UNPAUSED") {
    loading.error_at_last("PIER1060", "Invalid value for trigger_pause_status, should be PAUSED or UNPAUSED",
                          *loading.config.find_path({"presets", "trigger_pause_status"}));
  }
  for_each_resource_of(loading.config, "jobs", [&](const std::string&, Value& job) { preset_job(job, presets); });
  for_each_resource_of(loading.config, "pipelines",
                       [&](const std::string&, Value& pipeline) { preset_pipeline(pipeline, presets); });
  preset_names(loading, presets);
  preset_tags(loading.config, presets);
  pause_others(loading.config, presets);
}

} // namespace pier::bundles

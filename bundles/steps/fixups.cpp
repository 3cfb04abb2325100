#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/files.hpp"

#include <array>

namespace pier::bundles {
namespace {

void keep_only(Value& cluster, std::string_view attributes, std::string_view kept) {
  Value* section = cluster.find(attributes);
  if (section == nullptr || !section->is_map()) {
    return;
  }
  Value reduced = Value::map(section->place());
  if (const Value* value = kept.empty() ? nullptr : section->find(kept)) {
    reduced.set(kept, *value);
  }
  *section = std::move(reduced);
}

/// A cluster from a pool takes its machines from the pool.
void fit_to_pool(Value& cluster) {
  if (cluster.text_of("instance_pool_id").empty()) {
    cluster.as_map().erase("driver_instance_pool_id");
    return;
  }
  keep_only(cluster, "aws_attributes", "instance_profile_arn");
  keep_only(cluster, "azure_attributes", "");
  keep_only(cluster, "gcp_attributes", "google_service_account");
  for (const std::string_view key : {"enable_elastic_disk", "node_type_id", "driver_node_type_id"}) {
    cluster.as_map().erase(key);
  }
}

void fix_job_clusters(Value& config) {
  for_each_match(config, "resources.jobs.*.tasks[*].new_cluster", [](Value& cluster, const PathNode&) {
    if (cluster.is_map()) {
      fit_to_pool(cluster);
    }
  });
  for_each_match(config, "resources.jobs.*.job_clusters[*].new_cluster", [](Value& cluster, const PathNode&) {
    if (!cluster.is_map()) {
      return;
    }
    fit_to_pool(cluster);
    const Value* autoscale = cluster.find("autoscale");
    if ((autoscale == nullptr || autoscale->is_nil()) && cluster.find("num_workers") == nullptr) {
      cluster.set("num_workers", Value::integer(0));
    }
  });
  for_each_resource_of(config, "clusters", [](const std::string&, Value& cluster) { fit_to_pool(cluster); });
}

/// `served_models` is the old name of `served_entities`.
void rename_served_models(Loading& loading, Value& endpoint) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 2> k_renamed = {
      std::pair("model_name", "entity_name"), std::pair("model_version", "entity_version")};
  Value* config = endpoint.find("config");
  Value* models = config == nullptr ? nullptr : config->find("served_models");
  if (models == nullptr || !models->is_list() || models->as_list().empty()) {
    return;
  }
  const Value* entities = config->find("served_entities");
  if (entities != nullptr && entities->is_list() && !entities->as_list().empty()) {
    loading.report(Severity::error, "PIER1085", "Cannot use both served_models and served_entities", &endpoint, {}, {},
                   "Model serving endpoint cannot specify both served_models and served_entities at the same time.");
    return;
  }
  loading.report(Severity::warning, "PIER1085", "Using served_models is deprecated", models, {}, {},
                 "The served_models field is deprecated. Please use served_entities instead.");
  for (auto& model : models->as_list()) {
    for (const auto& [old_name, new_name] : k_renamed) {
      if (const Value* value = model.find(old_name)) {
        Value moved = *value;
        model.as_map().erase(old_name);
        model.set(new_name, std::move(moved));
      }
    }
  }
  Value moved = std::move(*models);
  config->as_map().erase("served_models");
  config->set("served_entities", std::move(moved));
}

/// Puts the content of a local file into a field.
void read_content(Loading& loading, Value& resource, std::string_view field, const std::string& words) {
  const Value* file = resource.find("file_path");
  if (file == nullptr || !file->is_text()) {
    return;
  }
  const auto full = (loading.root / file->as_text()).lexically_normal();
  auto text = read_file(full);
  if (!text) {
    const auto shown = full.lexically_relative(loading.sync_root).generic_string();
    loading.error("PIER1092",
                  "failed to read serialized " + words + " from file_path " + shown + ": open " + shown +
                      ": no such file or directory",
                  loading.extra(file), {}, "correct the path");
    return;
  }
  resource.set(field, Value::text(*text));
}

void load_genie_space(Loading& loading, Value& space) {
  Value* inline_text = space.find("serialized_space");
  const bool written = inline_text != nullptr && !inline_text->is_nil();
  if (written && space.find("file_path") != nullptr) {
    loading.error("PIER1093", "both file_path and serialized_space are set; specify only one", inline_text);
    return;
  }
  if (written && (inline_text->is_map() || inline_text->is_list())) {
    inline_text->assign(inline_text->to_json().dump(0, true));
    return;
  }
  read_content(loading, space, "serialized_space", "genie space");
}

} // namespace

void apply_fixups(Loading& loading) {
  Value& config = loading.config;
  for_each_resource_of(config, "dashboards", [&](const std::string&, Value& dashboard) {
    read_content(loading, dashboard, "serialized_dashboard", "dashboard");
  });
  for_each_resource_of(config, "genie_spaces",
                       [&](const std::string&, Value& space) { load_genie_space(loading, space); });
  fix_job_clusters(config);
  for_each_resource_of(config, "model_serving_endpoints",
                       [&](const std::string&, Value& endpoint) { rename_served_models(loading, endpoint); });
}

} // namespace pier::bundles

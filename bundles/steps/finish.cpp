#include "bundles/config/drop_members.hpp"
#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"
#include "core/model/resource_key.hpp"

namespace pier::bundles {
namespace {

/// The text behind a pure reference to another resource's field, as far as it is known now.
std::string resolved(const Value& config, const std::string& text) {
  const auto path = model::pure_reference(text);
  if (!path || !path->starts_with("resources.")) {
    return text;
  }
  const Value* value = find_by_path(config, parse_path(*path));
  return value != nullptr && value->is_text() ? value->as_text() : text;
}

/// An optional text without content says nothing; it would be sent to the workspace.
bool is_empty_text(const Mapping::Entry& entry, model::Field field, model::Field parent) {
  return entry.value.is_text() && entry.value.as_text().empty() && parent.any_member() != field && !field.required();
}

} // namespace

void set_volume_paths(Loading& loading) {
  bool failed = false;
  for_each_resource_of(loading.config, "volumes", [&](const std::string& key, const Value& volume) {
    if (!volume.text_of("volume_path").empty()) {
      failed = true;
      loading.error("PIER1078",
                    "resources.volumes." + key +
                        ".volume_path is computed and read-only; remove it from the configuration",
                    loading.extra(volume.find("volume_path")));
    }
  });
  if (failed) {
    return;
  }
  for_each_resource_of(loading.config, "volumes", [&](const std::string&, Value& volume) {
    const Value& config = loading.config;
    volume.set("volume_path", Value::text("/Volumes/" + resolved(config, volume.text_of("catalog_name")) + "/" +
                                          resolved(config, volume.text_of("schema_name")) + "/" +
                                          resolved(config, volume.text_of("name"))));
  });
}

void drop_empty_texts(Loading& loading) {
  if (Value* resources = loading.config.find("resources")) {
    drop_members(*resources, *model::Field::at("resources"), is_empty_text);
  }
  for_each_resource_of(loading.config, "apps", [](const std::string&, Value& app) {
    if (app.find("description") == nullptr) {
      app.set("description", Value::text(""));
    }
  });
}

void annotate_deployment(Loading& loading) {
  const Value* workspace = loading.config.find("workspace");
  Value deployment = Value::map();
  deployment.set("kind", Value::text("BUNDLE"));
  deployment.set("metadata_file_path",
                 Value::text((workspace == nullptr ? "" : workspace->text_of("state_path")) + "/metadata.json"));
  for_each_resource_of(loading.config, "jobs", [&](const std::string&, Value& job) {
    job.set("deployment", deployment);
    job.set("edit_mode", Value::text("UI_LOCKED"));
    job.set("format", Value::text("MULTI_TASK"));
  });
  for_each_resource_of(loading.config, "pipelines",
                       [&](const std::string&, Value& pipeline) { pipeline.set("deployment", deployment); });
}

} // namespace pier::bundles

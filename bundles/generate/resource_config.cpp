#include "bundles/generate/resource_config.hpp"

#include "bundles/generate/known_fields.hpp"
#include "bundles/yaml/writer.hpp"
#include "core/base/text.hpp"

#include <initializer_list>
#include <map>

namespace pier::bundles {
namespace {

/// Fields of a resource in databricks.yml that an existing one does not have, or that are not written down.
Json without(Json config, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    config.erase(name);
  }
  return config;
}

Json known(const Json& answer, std::string_view path) {
  const auto field = model::Field::at(path);
  return field && answer.is_object() ? known_fields(answer, *field) : Json::object();
}

/// Older tasks tell the format of their job; a parameter keeps its name and default.
void tidy_job(Json& config) {
  if (auto* tasks = config.find("tasks"); tasks != nullptr && tasks->is_array()) {
    for (auto& task : tasks->as_array()) {
      task.erase("format");
    }
  }
  auto* parameters = config.find("parameters");
  if (parameters == nullptr || !parameters->is_array()) {
    return;
  }
  for (auto& parameter : parameters->as_array()) {
    parameter = Json::object({{"name", parameter.get_string("name")}, {"default", parameter.get_string("default")}});
  }
}

Json copied(const Json& answer, std::initializer_list<std::string_view> names) {
  auto out = Json::object();
  for (const auto name : names) {
    out[name] = answer.get_string(name);
  }
  return out;
}

/// The service leaves out where its folders begin.
std::string with_workspace(const std::string& path) {
  if (path == "/Workspace" || path.starts_with("/Workspace/")) {
    return path;
  }
  return "/Workspace" + std::string(path.starts_with('/') ? "" : "/") + path;
}

MemberOrder order_of_job(const Json& config) {
  MemberOrder order{.first = {"name", "job_clusters", "compute", "tasks"}};
  const auto* parameters = config.find("parameters");
  if (parameters != nullptr && !parameters->is_empty()) {
    order.first.emplace_back("parameters");
  }
  order.below["tasks"].first = {"task_key", "depends_on", "existing_cluster_id", "new_cluster", "job_cluster_key"};
  order.below["parameters"].first = {"name", "default"};
  return order;
}

YamlStyle style_of(const GeneratedResource& resource) {
  if (resource.kind == "jobs") {
    return {.order = order_of_job(resource.config), .quoted = {"spark_conf", "custom_tags", "tags"}};
  }
  if (resource.kind == "pipelines") {
    return {.order = {.first = {"name", "clusters", "configuration", "libraries"}},
            .quoted = {"spark_conf", "custom_tags", "configuration"}};
  }
  if (resource.kind == "apps") {
    return {.order = {.first = {"name", "description", "source_code_path"}}, .quoted = {}};
  }
  if (resource.kind == "genie_spaces") {
    return {.order = {.first = {"title", "warehouse_id", "file_path", "description", "parent_path"}},
            .quoted = {"title"}};
  }
  return {.order = {.first = {"display_name", "warehouse_id", "file_path"}}, .quoted = {"display_name"}};
}

} // namespace

GeneratedResource generate_job(const Json& job) {
  const auto* settings = job.find("settings");
  auto config = known(settings == nullptr ? Json() : *settings, "resources.jobs.*");
  tidy_job(config);
  return {"jobs", without(std::move(config), {"format", "new_cluster", "existing_cluster_id", "id", "lifecycle",
                                              "modified_status", "permissions", "url"})};
}

GeneratedResource generate_pipeline(const Json& spec, const std::string& remote_root, const std::string& local_root) {
  auto config = known(spec, "resources.pipelines.*");
  if (!config.get_string("root_path").empty()) {
    config["root_path"] = local_root;
  }
  auto* libraries = config.find("libraries");
  if (libraries != nullptr && libraries->is_array() && !remote_root.empty()) {
    for (auto& library : libraries->as_array()) {
      if (auto* glob = library.find("glob"); glob != nullptr && glob->contains("include")) {
        (*glob)["include"] = replace_all(glob->get_string("include"), remote_root, local_root);
      }
    }
  }
  return {"pipelines", without(std::move(config), {"id", "storage", "edition", "development", "allow_duplicate_names",
                                                   "cascade_on_destroy", "dry_run", "lifecycle", "modified_status",
                                                   "parameters", "permissions", "run_as", "url"})};
}

GeneratedResource generate_app(const Json& app, const std::string& source_code_path) {
  auto config = copied(app, {"name", "description"});
  config["source_code_path"] = source_code_path;
  if (auto all = known(app, "resources.apps.*"); all.contains("resources")) {
    config["resources"] = std::move(all["resources"]);
  }
  return {"apps", std::move(config)};
}

GeneratedResource generate_alert(const Json& alert, const std::string& file_path) {
  auto config = copied(alert, {"display_name", "warehouse_id"});
  config["file_path"] = file_path;
  return {"alerts", std::move(config)};
}

GeneratedResource generate_dashboard(const Json& dashboard, const std::string& file_path) {
  auto generated = generate_alert(dashboard, file_path);
  generated.kind = "dashboards";
  return generated;
}

GeneratedResource generate_genie_space(const Json& space, const std::string& file_path) {
  auto config = copied(space, {"title", "warehouse_id"});
  config["file_path"] = file_path;
  if (const auto description = space.get_string("description"); !description.empty()) {
    config["description"] = description;
  }
  if (const auto parent = space.get_string("parent_path"); !parent.empty()) {
    config["parent_path"] = with_workspace(parent);
  }
  return {"genie_spaces", std::move(config)};
}

std::string write_resource(const GeneratedResource& resource, const std::string& key) {
  const auto document =
      Json::object({{"resources", Json::object({{resource.kind, Json::object({{key, resource.config}})}})}});
  auto style = style_of(resource);
  MemberOrder kind;
  kind.below["*"] = std::move(style.order);
  MemberOrder resources;
  resources.below["*"] = std::move(kind);
  style.order = {};
  style.order.below["*"] = std::move(resources);
  return write_yaml(document, style);
}

} // namespace pier::bundles

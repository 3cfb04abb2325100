#include "bundles/steps/steps.hpp"

#include <filesystem>
#include <system_error>

namespace pier::bundles {
namespace {

constexpr std::int64_t k_development_runs = 4;

/// The bundle lies in a workspace and the command runs there, on a Databricks Runtime.
bool runs_in_workspace(const Loading& loading) {
  std::error_code none;
  return !loading.options.env.get("DATABRICKS_RUNTIME_VERSION").value_or("").empty() &&
         std::filesystem::is_directory("/databricks", none) &&
         loading.sync_root.generic_string().starts_with("/Workspace/");
}

void set_if_absent(Value& map, std::string_view key, Value value) {
  const Value* written = map.find(key);
  if (written == nullptr || written->is_nil()) {
    map.set(key, std::move(value));
  }
}

} // namespace

void apply_mode(Loading& loading) {
  Value& bundle = loading.config.member("bundle");
  if (bundle.text_of("mode") != "development") {
    return;
  }
  Value& lock = bundle.member("deployment").member("lock");
  const Value* enabled = lock.find("enabled");
  if (enabled == nullptr || !enabled->is_boolean() || !enabled->as_boolean()) {
    lock.set("enabled", Value::boolean(false));
  }
  const auto short_name = short_name_of(loading.user);
  Value& presets = loading.config.member("presets");
  if (presets.text_of("name_prefix").empty()) {
    presets.set("name_prefix", Value::text("[dev " + short_name + "] "));
  }
  Value& tags = presets.member("tags");
  if (tags.is_nil()) {
    tags = Value::map();
  }
  if (tags.is_map()) {
    set_if_absent(tags, "dev", Value::text(short_name));
  }
  if (const Value* runs = presets.find("jobs_max_concurrent_runs");
      runs == nullptr || runs->is_nil() || (runs->is_integer() && runs->as_integer() == 0)) {
    presets.set("jobs_max_concurrent_runs", Value::integer(k_development_runs));
  }
  if (presets.text_of("trigger_pause_status").empty()) {
    presets.set("trigger_pause_status", Value::text("PAUSED"));
  }
  set_if_absent(presets, "pipelines_development", Value::boolean(true));
}

void link_source(Loading& loading) {
  Value* linked = loading.config.find_path({"presets", "source_linked_deployment"});
  const bool said = linked != nullptr && linked->is_boolean();
  if (said && !linked->as_boolean()) {
    return;
  }
  const auto path = "targets." + loading.target + ".presets.source_linked_deployment";
  const bool in_workspace = runs_in_workspace(loading);
  const bool in_development = loading.config.member("bundle").text_of("mode") == "development";
  if (said && !in_workspace) {
    loading.warning("PIER1099", "source-linked deployment is available only in the Databricks Workspace", linked, path,
                    "remove the setting");
    linked->assign(false);
    return;
  }
  if (said && !in_development) {
    loading.warning("PIER1099",
                    "source-linked deployment in non-development mode is deprecated and will not be supported in a "
                    "future release",
                    linked, path, "remove the setting, or set 'mode: development'");
  }
  if (!said) {
    const Value* written = loading.config.find("presets");
    const bool writable = written == nullptr || written->is_map() || written->is_nil();
    if (!in_workspace || !in_development || !writable) {
      return;
    }
    loading.config.member("presets").set("source_linked_deployment", Value::boolean(true));
  }
  const Value* file_path = loading.config.find_path({"workspace", "file_path"});
  if (file_path != nullptr && file_path->is_text() && !file_path->as_text().empty()) {
    loading.report(Severity::warning, "PIER1099",
                   "workspace.file_path setting will be ignored in source-linked deployment mode", file_path,
                   "workspace.file_path", "remove the setting",
                   "In source-linked deployment files are not copied to the destination and resources use source files "
                   "instead");
  }
}

} // namespace pier::bundles

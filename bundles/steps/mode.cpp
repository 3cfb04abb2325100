#include "bundles/steps/steps.hpp"

namespace pier::bundles {
namespace {

constexpr std::int64_t k_development_runs = 4;

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

void check_source_link(Loading& loading) {
  Value* linked = loading.config.find_path({"presets", "source_linked_deployment"});
  if (linked == nullptr || !linked->is_boolean() || !linked->as_boolean()) {
    return;
  }
  const auto path = "targets." + loading.target + ".presets.source_linked_deployment";
  const bool in_workspace = loading.options.env.has("DATABRICKS_RUNTIME_VERSION") &&
                            loading.sync_root.generic_string().starts_with("/Workspace/");
  if (!in_workspace) {
    loading.warning("PIER1060", "source-linked deployment is available only in the Databricks Workspace", linked, path,
                    "remove the setting");
    linked->assign(false);
    return;
  }
  if (loading.config.member("bundle").text_of("mode") != "development") {
    loading.warning("PIER1060",
                    "source-linked deployment in non-development mode is deprecated and will not be supported in a "
                    "future release",
                    linked, path, "remove the setting, or set 'mode: development'");
  }
}

} // namespace pier::bundles

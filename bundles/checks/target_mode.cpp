#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"

namespace pier::bundles {
namespace {

bool holds_user(const Loading& loading, const std::string& text, bool with_friendly_name) {
  const auto has = [&](const std::string& part) { return !part.empty() && text.find(part) != std::string::npos; };
  return has(loading.user.user_name) || has(short_name_of(loading.user)) ||
         (with_friendly_name && has(domain_friendly_name_of(loading.user)));
}

void check_user_paths(Loading& loading, const Value& workspace) {
  for (const std::string_view key : {"root_path", "file_path", "resource_path", "artifact_path", "state_path"}) {
    const auto path = workspace.text_of(key);
    if (path.empty() || holds_user(loading, path, false)) {
      continue;
    }
    const bool on_volume = key == "artifact_path" && path.starts_with("/Volumes");
    loading.error("PIER1063",
                  std::string(key) +
                      (on_volume ? " should contain the current username or ${workspace.current_user.short_name} to "
                                   "ensure uniqueness when using 'mode: development'"
                                 : " must start with '~/' or contain the current username to ensure uniqueness when "
                                   "using 'mode: development'"),
                  loading.extra(workspace.find(key)));
    return;
  }
}

void check_development(Loading& loading) {
  const Value* pause = loading.config.find_path({"presets", "trigger_pause_status"});
  if (pause != nullptr && pause->is_text() && pause->as_text() == "UNPAUSED") {
    loading.error_at_last(
        "PIER1063", "target with 'mode: development' cannot set trigger pause status to UNPAUSED by default", *pause);
  }
  if (const Value* workspace = loading.config.find("workspace")) {
    check_user_paths(loading, *workspace);
  }
  const Value* prefix = loading.config.find_path({"presets", "name_prefix"});
  if (prefix != nullptr && prefix->is_text() && !prefix->as_text().empty() &&
      !holds_user(loading, prefix->as_text(), true)) {
    loading.error_at_last("PIER1063",
                          "prefix should contain the current username or ${workspace.current_user.short_name} to "
                          "ensure uniqueness when using 'mode: development'",
                          *prefix);
  }
}

bool has_development_pipeline(Loading& loading) {
  bool found = false;
  for_each_resource_of(loading.config, "pipelines", [&](const std::string&, const Value& pipeline) {
    const Value* development = pipeline.find("development");
    if (!found && development != nullptr && development->is_boolean() && development->as_boolean()) {
      found = true;
      loading.error("PIER1064", "target with 'mode: production' cannot include a pipeline with 'development: true'",
                    loading.extra(development));
    }
  });
  return found;
}

void check_production(Loading& loading) {
  if (has_development_pipeline(loading)) {
    return;
  }
  const Value* root = loading.target_section.find_path({"workspace", "root_path"});
  if (root != nullptr && root->is_text() && !root->as_text().empty()) {
    return;
  }
  bool every_job_has_run_as = true;
  for_each_resource_of(loading.config, "jobs", [&](const std::string&, const Value& job) {
    const Value* run_as = job.find("run_as");
    every_job_has_run_as = every_job_has_run_as && run_as != nullptr && !run_as->is_nil();
  });
  const bool recommend = every_job_has_run_as || loading.user.is_service_principal;
  loading.report(recommend ? Severity::recommendation : Severity::error, "PIER1065",
                 std::string("target with 'mode: production' ") + (recommend ? "should" : "must") +
                     " set 'workspace.root_path' to make sure only one copy is deployed",
                 loading.extra(&loading.target_section), {}, {},
                 "A common practice is to use a username or principal name in this path, i.e. use\n\n"
                 "  root_path: /Workspace/Users/" +
                     loading.user.user_name + "/.bundle/${bundle.name}/${bundle.target}");
}

} // namespace

void check_mode(Loading& loading) {
  const Value* mode_value = loading.config.find_path({"bundle", "mode"});
  const auto mode = mode_value == nullptr || !mode_value->is_text() ? std::string() : mode_value->as_text();
  if (mode == "development") {
    check_development(loading);
  } else if (mode == "production") {
    check_production(loading);
  } else if (!mode.empty()) {
    loading.error("PIER1066",
                  "unsupported value '" + mode + "' specified for 'mode': must be either 'development' or 'production'",
                  loading.extra(mode_value));
  }
}

void check_shared_root(Loading& loading) {
  const Value* root = loading.config.find_path({"workspace", "root_path"});
  if (root == nullptr || !root->is_text() || !root->as_text().starts_with("/Workspace/Shared/")) {
    return;
  }
  if (const Value* permissions = loading.config.find("permissions"); permissions != nullptr && permissions->is_list()) {
    for (const auto& entry : permissions->as_list()) {
      if (entry.text_of("group_name") == "users" && entry.text_of("level") == "CAN_MANAGE") {
        return;
      }
    }
  }
  loading.report(
      Severity::warning, "PIER1052", "the bundle root path " + root->as_text() + " is writable by all workspace users",
      loading.extra(root), {}, {},
      "The bundle is configured to use /Workspace/Shared, which will give read/write access to all users. If "
      "this is intentional, add CAN_MANAGE for 'group_name: users' permission to your bundle configuration. "
      "If the deployment should be restricted, move it to a restricted folder such as "
      "/Workspace/Users/<username or principal name>.");
}

} // namespace pier::bundles

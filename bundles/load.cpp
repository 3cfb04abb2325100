#include "bundles/load.hpp"

#include "bundles/checks/checks.hpp"
#include "bundles/config/files.hpp"
#include "bundles/config/root_file.hpp"
#include "bundles/config/target.hpp"
#include "bundles/config/unset_settings.hpp"
#include "bundles/config/version_constraint.hpp"
#include "bundles/loading.hpp"
#include "bundles/lower/locations.hpp"
#include "bundles/lower/lower.hpp"
#include "bundles/python/python.hpp"
#include "bundles/steps/steps.hpp"
#include "bundles/usage.hpp"
#include "bundles/variables/resolver.hpp"
#include "bundles/variables/sources.hpp"

#include <algorithm>
#include <span>
#include <system_error>

namespace pier::bundles {
namespace {

void resolve_in_lookups(Loading& loading) {
  resolve_references(loading, {.part = ResolveScope::Part::lookups});
}

void resolve_outside_resources(Loading& loading) {
  resolve_references(loading, {.part = ResolveScope::Part::all_but_resources});
}

/// `${resources.volumes.K.volume_path}` is known now; other fields of resources are not.
void resolve_volume_paths(Loading& loading) {
  const auto is_volume_path = [](std::string_view path) {
    return path.starts_with("resources.volumes.") && path.ends_with(".volume_path");
  };
  for (const auto part : {ResolveScope::Part::all_but_resources, ResolveScope::Part::resources}) {
    resolve_references(loading, {.part = part, .prefixes = {"resources"}, .allows = is_volume_path});
  }
}

void run_postinit(Loading& loading) {
  run_hook(loading, "postinit");
}

/// These do not hide one another.
void check_finally(Loading& loading) {
  if (loading.options.check_tasks) {
    check_jobs(loading);
  }
  check_artifact_volume(loading);
  check_files_to_sync(loading);
  check_folder_permissions(loading);
  check_sync_patterns(loading);
}

/// The order is that of the official CLI: what a step reports can hide what a later one would.
constexpr Step k_steps[] = {
    choose_profile,
    remark_on_host,
    assign_command_line_variables,
    check_resources_have_values,
    drop_empty_kinds,
    check_no_reference_in_auth,
    check_engine,
    check_scripts,
    check_secret_values,
    rewrite_sync_paths,
    set_current_user,
    set_git_details,
    link_source,
    set_workspace_paths,
    remove_workspace_prefix,
    assign_variables,
    resolve_in_lookups,
    resolve_lookups,
    resolve_outside_resources,
    drop_unset_settings,
    check_volumes_paths,
    apply_mode,
    resolve_in_resources,
    root_local_paths,
    load_alert_files,
    check_clusters,
    expand_pipeline_files,
    merge_lists_by_key,
    capture_catalog_names,
    apply_fixups,
    apply_run_as,
    override_clusters,
    apply_presets,
    apply_defaults,
    apply_permissions,
    fix_permissions,
    run_python,
    set_volume_paths,
    resolve_volume_paths,
    drop_empty_texts,
    check_required_fields,
    check_choices,
    check_reserved_fields,
    check_job_run_triggers,
    check_terraform_fields,
    check_deployer_permission,
    translate_local_paths,
    check_ai_code,
    check_wheel_clusters,
    prepare_artifacts,
    check_apps,
    check_mode,
    check_shared_root,
    annotate_deployment,
    run_postinit,
    check_engine_variable,
    check_finally,
};

/// Steps that the official CLI takes for each resource, so that a bundle without any is not checked by them.
constexpr Step k_resource_steps[] = {
    override_clusters, apply_run_as, apply_presets, apply_permissions, fix_permissions,
};

bool has_resources(const Loading& loading) {
  const Value* resources = loading.config.find("resources");
  if (resources == nullptr || !resources->is_map()) {
    return false;
  }
  const auto& kinds = resources->as_map().entries();
  return std::any_of(kinds.begin(), kinds.end(),
                     [](const Mapping::Entry& kind) { return kind.value.is_map() && kind.value.as_map().size() > 0; });
}

bool is_left_out(Step step, const Loading& loading) {
  const auto* end = std::end(k_resource_steps);
  return loading.options.compatible && std::find(std::begin(k_resource_steps), end, step) != end &&
         !has_resources(loading);
}

/// False when the caller must stop: a compatible load ends at the first step with an error.
bool may_go_on(const Loading& loading) {
  return !loading.options.compatible || !loading.diagnostics.has_errors();
}

bool read_and_select(Loading& loading) {
  load_files(loading);
  forget_unset_members(loading);
  const bool nothing_read = loading.diagnostics.has_errors() && loading.config.as_map().size() == 0;
  if (nothing_read || !may_go_on(loading)) {
    return false;
  }
  for (const Step step : {check_version_constraint, upgrade_old_spellings, check_resource_keys}) {
    step(loading);
    if (!may_go_on(loading)) {
      return false;
    }
  }
  tell_targets(loading);
  if (!select_target(loading) || !may_go_on(loading)) {
    return false;
  }
  drop_unset_settings(loading);
  return true;
}

Diagnostic without_root(const Error& error, bool compatible) {
  Diagnostic problem;
  problem.code = error.code;
  problem.summary = error.message;
  problem.help = error.hint;
  if (compatible && error.message.starts_with("Unable to locate")) {
    problem.detail = "Run this command from a directory that contains a bundle, or set the DATABRICKS_BUNDLE_ROOT "
                     "environment variable to the bundle root directory.\n"
                     "Alternatively, create a new bundle with 'databricks bundle init'.";
  } else if (compatible && error.message.starts_with("Invalid bundle root")) {
    problem.detail = "The DATABRICKS_BUNDLE_ROOT environment variable must point to an existing directory that "
                     "contains a bundle configuration file.";
  }
  return problem;
}

model::Bundle load_into(Loading& loading) {
  if (!read_and_select(loading) || loading.options.only_select) {
    return lower(loading);
  }
  for (const Step step : k_steps) {
    if (!may_go_on(loading)) {
      break;
    }
    if (!is_left_out(step, loading)) {
      tell_usage(step, loading);
      step(loading);
    }
  }
  if (!loading.options.compatible) {
    check_resource_references(loading);
  }
  auto bundle = lower(loading);
  if (loading.options.with_locations) {
    bundle.config["__locations"] = locations_of(loading.config);
  }
  return bundle;
}

} // namespace

model::CurrentUser placeholder_user() {
  return {.id = "", .user_name = "me@example.test", .display_name = "", .is_service_principal = false};
}

std::vector<std::string> target_names(const LoadOptions& options) {
  Diagnostics found;
  Loading loading(options, found);
  const auto root = find_bundle_root(options.cwd, options.env);
  if (!root) {
    return {};
  }
  loading.root = *root;
  load_files(loading);
  if (loading.config.as_map().size() == 0) {
    return {};
  }
  upgrade_old_spellings(loading);
  std::vector<std::string> names;
  for (const auto& target : loading.config.find("targets")->as_map().entries()) {
    names.push_back(target.key);
  }
  return names;
}

std::optional<model::Bundle> load(const LoadOptions& options, Diagnostics& diagnostics) {
  Diagnostics found;
  Loading loading(options, found);
  std::optional<model::Bundle> bundle;
  const auto root = find_bundle_root(options.cwd, options.env);
  const auto file = root ? find_root_file(*root) : root;
  if (file) {
    loading.root = *root;
    bundle = load_into(loading);
  } else {
    found.add(without_root(file.error(), options.compatible));
  }
  loading.publish();
  for (const auto& problem : found.all()) {
    if (auto told = loading.as_told(problem)) {
      diagnostics.add(*std::move(told));
    }
  }
  return bundle;
}

} // namespace pier::bundles

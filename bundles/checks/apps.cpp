#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "core/base/json.hpp"
#include "core/model/resource_key.hpp"

#include <map>

namespace pier::bundles {
namespace {

struct Bound {
  std::string reference;  ///< "${resources.jobs.x.id}"
  std::string permission; ///< what the app gets
};

/// The other object that an entry of an app's `resources` names.
std::optional<Bound> bound_object(const Value& entry) {
  static constexpr std::pair<std::string_view, std::string_view> k_fields[] = {
      {"job", "id"},
      {"sql_warehouse", "id"},
      {"serving_endpoint", "name"},
      {"experiment", "experiment_id"},
      {"postgres", "branch"},
      {"uc_securable", "securable_full_name"},
  };
  for (const auto& [kind, field] : k_fields) {
    const Value* binding = entry.find(kind);
    if (binding != nullptr && binding->is_map()) {
      auto name = binding->text_of(field);
      if (kind == "postgres" && name.empty()) {
        name = binding->text_of("database");
      }
      return Bound{std::move(name), binding->text_of("permission")};
    }
  }
  return std::nullopt;
}

bool names_app(const Value::List& permissions, const std::string& app) {
  const auto reference = "${resources.apps." + app + ".service_principal_client_id}";
  for (const auto& entry : permissions) {
    if (entry.text_of("service_principal_name") == reference) {
      return true;
    }
  }
  return false;
}

void check_binding(Loading& loading, const std::string& app_key, const Value& app, const Value& entry) {
  const auto bound = bound_object(entry);
  if (!bound) {
    return;
  }
  for (const auto& reference : model::find_references(bound->reference)) {
    const auto target = model::parse_resource_reference(reference.path);
    if (!target || target->field.empty()) {
      continue;
    }
    const auto& [kind, key, part] = target->target;
    const Value* permissions = loading.config.find_path({"resources", kind, key, "permissions"});
    const bool set = permissions != nullptr && permissions->is_list() && !permissions->as_list().empty();
    if (!set || names_app(permissions->as_list(), app_key)) {
      return;
    }
    loading.report(Severity::warning, "PIER1083",
                   "app \"" + app_key + "\" references " + kind + " \"" + key +
                       "\" which has permissions set. To prevent permission override after deploying the app, please "
                       "add the app service principal to the " +
                       kind + " permissions",
                   &app, "resources.apps." + app_key, {},
                   "Add the following section to the " + kind + " permissions:\n\n  resources:\n    " + kind +
                       ":\n      " + key + ":\n        permissions:\n          - level: " + bound->permission +
                       "\n            service_principal_name: ${resources.apps." + app_key +
                       ".service_principal_client_id}\n");
    return;
  }
}

} // namespace

void check_apps(Loading& loading) {
  std::map<std::string, std::string> used;
  for_each_resource_of(loading.config, "apps", [&](const std::string& key, const Value& app) {
    const auto source = app.text_of("source_code_path");
    const Value* git = app.find("git_source");
    const bool has_git = git != nullptr && !git->is_nil();
    if (source.empty() && !has_git) {
      loading.report(Severity::error, "PIER1082", "Missing app source code path or git source", &app, {},
                     "write 'source_code_path: ./folder'",
                     "app resource '" + key + "' should have either source_code_path or git_source field");
      return;
    }
    if (!source.empty() && has_git) {
      loading.report(Severity::error, "PIER1082", "Both source_code_path and git_source fields are set", &app, {},
                     "keep one of them",
                     "app resource '" + key + "' should have either source_code_path or git_source field, not both");
      return;
    }
    if (const auto it = used.find(source); it != used.end()) {
      loading.report(Severity::error, "PIER1082", "Duplicate app source code path", app.find("source_code_path"), {},
                     "give each app a folder of its own",
                     "app resource '" + key + "' has the same source code path as app resource '" + it->second +
                         "', this will lead to the app configuration being overridden by each other");
    }
    used[source] = key;
    if (const Value* resources = app.find("resources"); resources != nullptr && resources->is_list()) {
      for (const auto& entry : resources->as_list()) {
        check_binding(loading, key, app, entry);
      }
    }
  });
}

} // namespace pier::bundles

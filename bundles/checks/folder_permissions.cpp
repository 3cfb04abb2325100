#include "bundles/checks/checks.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/lower/lower.hpp"
#include "core/model/permission_level.hpp"
#include "core/model/principal.hpp"
#include "core/model/workspace_folders.hpp"

#include <algorithm>

namespace pier::bundles {
namespace {

/// The strongest level of an entry of an access list, its own or inherited, in the words of a bundle.
std::string strongest_level(const Json& entry) {
  std::string strongest;
  const auto* permissions = entry.find("all_permissions");
  for (const auto& permission :
       permissions != nullptr && permissions->is_array() ? permissions->as_array() : Json::Array()) {
    const auto told = permission.get_string("permission_level");
    const auto level = told == "CAN_READ" ? std::string("CAN_VIEW") : told;
    if (model::rank_of_level(level) > model::rank_of_level(strongest)) {
      strongest = level;
    }
  }
  return strongest;
}

bool is_configured(const Value& permissions, const Json& entry, const std::string& level) {
  return std::any_of(permissions.as_list().begin(), permissions.as_list().end(), [&](const Value& configured) {
    return std::all_of(model::k_principal_fields.begin(), model::k_principal_fields.end(),
                       [&](std::string_view field) { return configured.text_of(field) == entry.get_string(field); }) &&
           model::rank_of_level(configured.text_of("level")) >= model::rank_of_level(level);
  });
}

/// "- level: CAN_EDIT, group_name: analysts"
std::string line_of(const Json& entry, const std::string& level) {
  std::string line = "- level: " + level;
  for (const auto field : model::k_principal_fields) {
    if (const auto name = entry.get_string(field); !name.empty()) {
      return line + ", " + std::string(field) + ": " + name + "\n";
    }
  }
  return line + "\n";
}

void compare(Loading& loading, const Value& permissions, const std::string& folder, const Json& access) {
  std::string missing;
  for (const auto& entry : access.as_array()) {
    // Administrators are everywhere.
    const auto level = entry.get_string("group_name") == "admins" ? std::string() : strongest_level(entry);
    if (!level.empty() && !is_configured(permissions, entry, level)) {
      missing += line_of(entry, level);
    }
  }
  if (!missing.empty()) {
    loading.report(Severity::warning, "PIER1104", "workspace folder has permissions not configured in bundle",
                   loading.extra(&permissions), {}, {},
                   "The following permissions apply to the workspace folder at " + in_quotes(folder) +
                       " but are not configured in the bundle:\n" + missing +
                       "\nAdd them to your bundle permissions or remove them from the folder.\n"
                       "See https://docs.databricks.com/dev-tools/bundles/permissions");
  }
}

} // namespace

void check_folder_permissions(Loading& loading) {
  const Value* permissions = loading.config.find("permissions");
  if (!loading.options.folder_access || permissions == nullptr || !permissions->is_list() ||
      permissions->as_list().empty()) {
    return;
  }
  for (const auto& folder : model::folders_with_permissions(lower_paths(loading))) {
    if (folder.starts_with("/Workspace/Shared/")) {
      continue; // a check of its own
    }
    const auto access = loading.options.folder_access(folder);
    if (!access) {
      loading.failed(access.error());
    } else if (access->is_array()) {
      compare(loading, *permissions, folder, *access);
    }
  }
}

} // namespace pier::bundles

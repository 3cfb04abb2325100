#include "core/deploy/permission_report.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace pier::deploy {
namespace {

constexpr std::string_view k_page = "Please refer to https://docs.databricks.com/dev-tools/bundles/permissions.html "
                                    "for more on managing permissions.";

bool is_in_group(const model::CurrentUser& user, const std::string& group) {
  const auto* groups = user.profile.find("groups");
  return groups != nullptr && groups->is_array() && !group.empty() &&
         std::any_of(groups->as_array().begin(), groups->as_array().end(),
                     [&](const Json& known) { return known.get_string("display") == group; });
}

struct Managers {
  bool user_is_one = false;
  std::set<std::string> others; ///< people and groups
};

Managers managers_of(const model::Bundle& bundle, const model::CurrentUser& user) {
  Managers managers;
  const auto* run_as = bundle.config.find_path({"run_as", "user_name"});
  if (run_as != nullptr && run_as->is_string() && run_as->as_string() != user.user_name) {
    managers.others.insert(run_as->as_string());
  }
  for (const auto& permission : bundle.permissions.is_array() ? bundle.permissions.as_array() : Json::Array()) {
    if (permission.get_string("level") != "CAN_MANAGE") {
      continue;
    }
    const auto person = permission.get_string("user_name");
    const auto group = permission.get_string("group_name");
    if (person == user.user_name || permission.get_string("service_principal_name") == user.user_name ||
        is_in_group(user, group)) {
      managers.user_is_one = true;
    } else if (!person.empty() || !group.empty()) {
      managers.others.insert(person.empty() ? group : person);
    }
  }
  managers.others.erase("");
  return managers;
}

} // namespace

Error possible_permission_error(const model::Bundle& bundle, const model::CurrentUser& user, const std::string& path) {
  const auto managers = managers_of(bundle, user);
  const std::vector<std::string> others(managers.others.begin(), managers.others.end());
  const auto whom =
      others.empty()
          ? std::string("For assistance, contact the owners of this project.")
          : "For assistance, users or groups with appropriate permissions may include: " + join(others, ", ") + ".";
  const auto who =
      "unable to deploy to " + path + " as " + (user.is_service_principal ? user.display_name : user.user_name) + ".";
  const auto message =
      managers.user_is_one
          ? who + " Cannot apply local deployment permissions.\n" + whom +
                "\nThey can redeploy the project to apply the latest set of permissions.\n"
          : who +
                "\nPlease make sure the current user or one of their groups is listed under the permissions of this "
                "bundle.\n" +
                whom + "\nThey may need to redeploy the bundle to apply the new permissions.\n";
  return Error{.kind = ErrorKind::permission_denied, .code = "PIER2066", .message = message + std::string(k_page)};
}

} // namespace pier::deploy

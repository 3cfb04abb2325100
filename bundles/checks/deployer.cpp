#include "bundles/checks/checks.hpp"

namespace pier::bundles {

void check_deployer_permission(Loading& loading) {
  const Value* permissions = loading.config.find("permissions");
  // Offline the deployer is not known, so nothing can be said.
  if (!loading.user_known || permissions == nullptr || !permissions->is_list() || permissions->as_list().empty()) {
    return;
  }
  const auto& me = loading.user.user_name;
  for (const auto& entry : permissions->as_list()) {
    const bool mine = entry.text_of("user_name") == me || entry.text_of("service_principal_name") == me;
    if (mine && entry.text_of("level") == "CAN_MANAGE") {
      return;
    }
  }
  const std::string field = loading.user.is_service_principal ? "service_principal_name" : "user_name";
  Diagnostic note;
  note.code = "PIER1102";
  note.severity = Severity::recommendation;
  note.summary =
      "permissions section should explicitly include the current deployment identity '" + me +
      "' or one of its groups\nIf it is not included, CAN_MANAGE permissions are only applied if the present "
      "identity is used to deploy.\n\nConsider using a adding a top-level permissions section such as the "
      "following:\n\n  permissions:\n    - " +
      field + ": " + me +
      "\n      level: CAN_MANAGE\n\nSee https://docs.databricks.com/dev-tools/bundles/permissions.html to "
      "learn more about permission configuration.";
  note.spans = {permissions->place().to_span()};
  loading.diagnostics.add(std::move(note));
}

} // namespace pier::bundles

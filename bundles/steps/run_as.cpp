#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"

namespace pier::bundles {
namespace {

void refuse_kind(Loading& loading, const std::string& what, const Value* at, const std::string& identity) {
  Diagnostic problem;
  problem.code = "PIER1062";
  problem.summary = what +
                    " do not support a setting a run_as user that is different from the owner.\n"
                    "Current identity: " +
                    loading.user.user_name + ". Run as identity: " + identity +
                    ".\nSee https://docs.databricks.com/dev-tools/bundles/run-as.html to learn more about the run_as "
                    "property.";
  problem.help = "deploy as that identity, or set run_as on the single jobs and pipelines";
  if (at != nullptr) {
    problem.spans = {at->place().to_span()};
  }
  loading.diagnostics.add(std::move(problem));
}

void check_kinds(Loading& loading, const std::string& identity) {
  Value& config = loading.config;
  const auto refuse_any = [&](const std::string& kind) {
    const Value* all = config.find_path({"resources", kind});
    if (all != nullptr && all->is_map() && all->as_map().size() > 0) {
      refuse_kind(loading, kind, all, identity);
    }
  };
  refuse_any("model_serving_endpoints");
  refuse_any("quality_monitors");
  for_each_resource_of(config, "dashboards", [&](const std::string&, const Value& dashboard) {
    const Value* embed = dashboard.find("embed_credentials");
    if (embed != nullptr && embed->is_boolean() && embed->as_boolean()) {
      refuse_kind(loading, "dashboards with embed_credentials set to true", &dashboard, identity);
    }
  });
  refuse_any("apps");
}

/// False after a report that the section is no identity.
bool check_section(Loading& loading, const Value& run_as, const std::string& user, const std::string& principal) {
  if (user.empty() && principal.empty()) {
    loading.error("PIER1061",
                  "run_as section must specify exactly one identity. Neither service_principal_name nor user_name is "
                  "specified",
                  &run_as);
    return false;
  }
  if (!user.empty() && !principal.empty()) {
    loading.error("PIER1061", "run_as section cannot specify both user_name and service_principal_name", &run_as);
    return false;
  }
  return true;
}

void set_on_kind(Loading& loading, std::string_view kind, const std::string& user, const std::string& principal) {
  for_each_resource_of(loading.config, kind, [&](const std::string&, Value& resource) {
    const Value* own = resource.find("run_as");
    if (own != nullptr && !own->is_nil()) {
      return;
    }
    Value identity = Value::map();
    if (!principal.empty()) {
      identity.set("service_principal_name", Value::text(principal));
    }
    if (!user.empty()) {
      identity.set("user_name", Value::text(user));
    }
    resource.set("run_as", std::move(identity));
  });
}

} // namespace

void apply_run_as(Loading& loading) {
  const Value* run_as = loading.config.find("run_as");
  if (run_as == nullptr || run_as->is_nil()) {
    return;
  }
  const auto user = run_as->text_of("user_name");
  const auto principal = run_as->text_of("service_principal_name");
  if (!check_section(loading, *run_as, user, principal)) {
    return;
  }
  const auto& identity = principal.empty() ? user : principal;
  if (identity != loading.user.user_name) {
    // Offline the deployer is not known, so nothing can be said about a difference.
    if (loading.options.user) {
      check_kinds(loading, identity);
    }
  }
  if (loading.options.compatible && loading.diagnostics.has_errors()) {
    return;
  }
  for (const std::string_view kind : {"jobs", "pipelines", "alerts"}) {
    set_on_kind(loading, kind, user, principal);
  }
}

} // namespace pier::bundles

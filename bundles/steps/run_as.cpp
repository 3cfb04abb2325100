#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"

#include <algorithm>

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

/// experimental.use_legacy_run_as: the pipelines change their owner instead.
void apply_legacy(Loading& loading, const Value& at, const std::string& user, const std::string& principal) {
  if (user != loading.user.user_name && principal != loading.user.user_name) {
    for_each_resource_of(loading.config, "pipelines", [&](const std::string&, Value& pipeline) {
      Value& list = pipeline.member("permissions");
      if (!list.is_list()) {
        list = Value::list();
      }
      std::erase_if(list.as_list(), [&](const Value& entry) {
        return (!principal.empty() && entry.text_of("service_principal_name") == principal) ||
               (!user.empty() && entry.text_of("user_name") == user);
      });
      Value owner = Value::map();
      owner.set("level", Value::text("IS_OWNER"));
      owner.set(principal.empty() ? "user_name" : "service_principal_name",
                Value::text(principal.empty() ? user : principal));
      list.as_list().push_back(std::move(owner));
    });
  }
  set_on_kind(loading, "jobs", user, principal);
  loading.warning(
      "PIER1067",
      "You are using the legacy mode of run_as. The support for this mode is experimental and might be "
      "removed in a future release of the CLI. In order to run the pipelines in your DABs project as the "
      "run_as user this mode changes the owners of the pipelines to the run_as identity, which requires the "
      "user deploying the bundle to be a workspace admin, and also a Metastore admin if the pipeline target "
      "is in UC.",
      &at, "experimental.use_legacy_run_as");
}

} // namespace

void apply_run_as(Loading& loading) {
  const Value* run_as = loading.config.find("run_as");
  if (run_as == nullptr || run_as->is_nil()) {
    return;
  }
  const auto user = run_as->text_of("user_name");
  const auto principal = run_as->text_of("service_principal_name");
  const Value* legacy = loading.config.find_path({"experimental", "use_legacy_run_as"});
  if (legacy != nullptr && legacy->is_boolean() && legacy->as_boolean()) {
    apply_legacy(loading, *legacy, user, principal);
    return;
  }
  if (!check_section(loading, *run_as, user, principal)) {
    return;
  }
  const auto& identity = principal.empty() ? user : principal;
  if (identity != loading.user.user_name) {
    // Offline the deployer is not known, so nothing can be said about a difference.
    if (loading.user_known) {
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

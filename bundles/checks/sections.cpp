#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace pier::bundles {
namespace {

/// Keys of workspace that decide who we are; with the environment variable that can set each instead.
struct AuthField {
  std::string_view key;
  std::string_view variable;
};

constexpr std::array k_auth_fields = {
    AuthField{"host", "DATABRICKS_HOST"},
    AuthField{"profile", "DATABRICKS_CONFIG_PROFILE"},
    AuthField{"auth_type", "DATABRICKS_AUTH_TYPE"},
    AuthField{"client_id", "DATABRICKS_CLIENT_ID"},
    AuthField{"google_service_account", "DATABRICKS_GOOGLE_SERVICE_ACCOUNT"},
    AuthField{"azure_use_msi", "ARM_USE_MSI"},
    AuthField{"azure_client_id", "ARM_CLIENT_ID"},
    AuthField{"azure_tenant_id", "ARM_TENANT_ID"},
    AuthField{"azure_environment", "ARM_ENVIRONMENT"},
    AuthField{"azure_login_app_id", "DATABRICKS_AZURE_LOGIN_APP_ID"},
    AuthField{"account_id", "DATABRICKS_ACCOUNT_ID"},
    AuthField{"workspace_id", "DATABRICKS_WORKSPACE_ID"},
};

bool holds_reference(const Value& value) {
  return value.is_text() && !model::find_references(value.as_text()).empty();
}

void check_script_text(Loading& loading, const std::string& key, const Value& script) {
  const auto path = "scripts." + key;
  const Value* content = script.find("content");
  if (content == nullptr || !content->is_text() || content->as_text().empty()) {
    loading.report(Severity::error, "PIER1073", "Script " + key + " has no content", loading.extra(&script),
                   path + ".content", "write the commands under 'content'");
    return;
  }
  const auto references = model::find_references(content->as_text());
  if (!references.empty()) {
    const auto& reference = references.front();
    loading.report(Severity::error, "PIER1073",
                   "Found " + content->as_text().substr(reference.begin, reference.end - reference.begin) +
                       " in script " + key + ".content. Interpolation syntax ${...} is not supported in script content",
                   content, path + ".content", "pass the value through 'env' and use $NAME in the script",
                   "The ${...} syntax is not allowed in script content. To use a bundle value,\n"
                   "declare an environment variable in the script's \"env:\" section and reference it\n"
                   "from \"content\" with $NAME:\n\n  scripts:\n    " +
                       key + ":\n      env:\n        MY_VAR: ${var.foo}\n      content: echo \"$MY_VAR\"");
  }
}

void check_script_env(Loading& loading, const std::string& key, const Value& script) {
  const Value* env = script.find("env");
  if (env == nullptr || !env->is_map()) {
    return;
  }
  for (const auto& entry : env->as_map().entries()) {
    if (!entry.value.is_text()) {
      continue;
    }
    for (const auto& reference : model::find_references(entry.value.as_text())) {
      const auto root = reference.path.substr(0, reference.path.find_first_of(".["));
      if (root == "bundle" || root == "workspace" || root == "var" || root == "variables") {
        continue;
      }
      loading.report(Severity::error, "PIER1073",
                     "${" + reference.path + "} cannot be used in scripts." + key + ".env." + entry.key +
                         "; only ${bundle.*}, ${workspace.*}, and ${var.*} are resolved before scripts execute",
                     &entry.value, "scripts." + key + ".env." + entry.key);
    }
  }
}

/// A default would stand in the file as plain text.
void check_secret_default(Loading& loading, const std::string& key, const std::string& reference, const Value& value) {
  if (!reference.starts_with("var.")) {
    return;
  }
  const auto name = reference.substr(4, reference.find_first_of(".[", 4) - 4);
  const Value* fallback = loading.config.find_path({"variables", name, "default"});
  if (fallback == nullptr || fallback->is_nil()) {
    return;
  }
  Diagnostic problem;
  problem.code = "PIER1074";
  problem.summary = "Variable used for secret value must not have a default value";
  problem.detail = "The variable \"" + name + "\" used for the secret \"" + key +
                   "\" must not have a default value.\n"
                   "A default value is stored in plain text in the configuration file, which defeats the purpose of "
                   "using a variable reference for a secret.\n"
                   "Remove the default value and pass the secret value at deployment time using \"--var\", the "
                   "BUNDLE_VAR_" +
                   name + " environment variable, or a variable overrides file.";
  problem.spans = fallback->spans();
  for (auto& span : value.spans()) {
    problem.spans.push_back(std::move(span));
  }
  problem.paths = {"resources.secrets." + key + ".value"};
  loading.diagnostics.add(std::move(problem));
}

} // namespace

void check_resources_have_values(Loading& loading) {
  const Value* resources = loading.config.find("resources");
  if (resources == nullptr || !resources->is_map()) {
    return;
  }
  for (const auto& kind : resources->as_map().entries()) {
    if (!kind.value.is_map()) {
      continue;
    }
    for (const auto& resource : kind.value.as_map().entries()) {
      if (resource.value.is_nil()) {
        auto singular = kind.key;
        if (singular.ends_with('s')) {
          singular.pop_back();
        }
        loading.error("PIER1070", singular + " " + resource.key + " is not defined", &resource.value,
                      "resources." + kind.key + "." + resource.key, "write its fields below it, or remove the key");
      }
    }
  }
}

void drop_empty_kinds(Loading& loading) {
  Value* resources = loading.config.find("resources");
  if (resources == nullptr || !resources->is_map()) {
    return;
  }
  auto& kinds = resources->as_map();
  if (std::erase_if(kinds.entries(), [](const Mapping::Entry& kind) { return kind.value.is_nil(); }) > 0) {
    kinds.reindex();
  }
}

void check_no_reference_in_auth(Loading& loading) {
  const Value* workspace = loading.config.find("workspace");
  // The official CLI stumbles over `workspace:` with nothing below it, unless a target or a profile fills it.
  if (loading.options.compatible && workspace != nullptr && workspace->is_nil()) {
    loading.error("PIER1013", "expected a map to index \"workspace.host\", found nil", nullptr, {},
                  "write its settings below 'workspace:', or remove it");
    return;
  }
  for (const auto& [key, variable] : k_auth_fields) {
    const Value* value = workspace == nullptr ? nullptr : workspace->find(key);
    if (value == nullptr || !holds_reference(*value)) {
      continue;
    }
    const auto path = "workspace." + std::string(key);
    loading.report(Severity::warning, "PIER1071",
                   "Variable interpolation is not supported for fields that configure authentication", value, path,
                   "write the value itself, or set " + std::string(variable),
                   "Interpolation is not supported for the field " + path + ". Please set\nthe " +
                       std::string(variable) + " environment variable if you wish to configure this field at runtime.");
  }
  const Value* name = loading.config.find_path({"bundle", "name"});
  if (name != nullptr && holds_reference(*name)) {
    loading.report(Severity::warning, "PIER1071",
                   "Please do not use variable interpolation in the name of your bundle. The name of your bundle\n"
                   "is a part of the path at which your bundle state is stored at by default. Parameterizing it at\n"
                   "runtime can have unexpected consequences like duplicate deployments or resources not being\n"
                   "cleaned up during bundle destroy.",
                   name, "bundle.name");
  }
}

void check_engine(Loading& loading) {
  const Value* engine = loading.config.find_path({"bundle", "engine"});
  if (engine == nullptr || !engine->is_text() || engine->as_text().empty()) {
    return;
  }
  Diagnostic problem;
  problem.code = "PIER1072";
  problem.spans = {engine->place().to_span()};
  problem.help = "write 'engine: direct', or remove it";
  if (engine->as_text() == "terraform") {
    problem.severity = Severity::warning;
    problem.summary =
        "the terraform deployment engine is deprecated and will stop working in a future version of the CLI";
    problem.detail = "See https://docs.databricks.com/aws/en/dev-tools/bundles/direct for how to migrate to the direct "
                     "deployment engine";
  } else if (engine->as_text() != "direct") {
    problem.summary =
        "invalid value " + in_quotes(engine->as_text()) + " for bundle.engine (expected \"terraform\" or \"direct\")";
  } else {
    return;
  }
  loading.diagnostics.add(std::move(problem));
}

void check_engine_variable(Loading& loading) {
  const auto engine = loading.options.env.get("DATABRICKS_BUNDLE_ENGINE").value_or("");
  const Value* setting = loading.config.find_path({"bundle", "engine"});
  const bool validating = static_cast<bool>(loading.options.count_files); // other commands tell it themselves
  if (!validating || engine.empty() || engine == "direct" || engine == "terraform" || setting != nullptr) {
    return;
  }
  loading.error("PIER1072",
                "unexpected setting for DATABRICKS_BUNDLE_ENGINE=" + in_quotes(engine) +
                    " (expected 'terraform' or 'direct')",
                nullptr, {}, "unset the variable");
}

void check_scripts(Loading& loading) {
  const Value* scripts = loading.config.find("scripts");
  if (scripts == nullptr || !scripts->is_map()) {
    return;
  }
  std::map<std::string_view, const Value*> by_name;
  for (const auto& script : scripts->as_map().entries()) {
    by_name.emplace(script.key, &script.value);
  }
  for (const auto& [name, script] : by_name) {
    check_script_text(loading, std::string(name), *script);
    check_script_env(loading, std::string(name), *script);
  }
}

void check_secret_values(Loading& loading) {
  for_each_resource_of(loading.config, "secrets", [&](const std::string& key, Value& secret) {
    Value* value = secret.find("value");
    const auto path = "resources.secrets." + key + ".value";
    if (value == nullptr || !value->is_text()) {
      loading.report(Severity::error, "PIER1074", "Secret value must be a string",
                     value == nullptr ? loading.extra(&secret) : value, path,
                     "write 'value: ${var.NAME}' and pass the secret with BUNDLE_VAR_NAME",
                     "The secret value for \"" + key + "\" must be a string.");
      return;
    }
    value->mark_secret();
    const auto reference = model::pure_reference(value->as_text());
    if (!reference) {
      loading.report(Severity::error, "PIER1074", "Secret value must be a variable reference", value, path,
                     "write 'value: ${var.NAME}' and pass the secret with BUNDLE_VAR_NAME",
                     "The secret value for \"" + key +
                         "\" must be a variable reference (e.g., ${var.my_secret}).\n"
                         "Plain text secret values are not allowed to prevent leaking secrets in configuration files.\n"
                         "Use bundle variables to pass secret values at deployment time.");
      return;
    }
    check_secret_default(loading, key, *reference, *value);
  });
}

void check_volumes_paths(Loading& loading) {
  const Value* workspace = loading.config.find("workspace");
  for (const std::string_view key : {"root_path", "file_path", "state_path", "resource_path"}) {
    const Value* value = workspace == nullptr ? nullptr : workspace->find(key);
    if (value != nullptr && value->is_text() && value->as_text().starts_with("/Volumes/")) {
      loading.report(
          Severity::error, "PIER1051",
          "workspace." + std::string(key) + " " + value->as_text() +
              " starts with /Volumes. /Volumes can only be used with workspace.artifact_path.",
          value, "workspace." + std::string(key), {},
          "For more information, see https://docs.databricks.com/aws/en/dev-tools/bundles/settings#workspace");
      if (key == "root_path") {
        return;
      }
    }
  }
}

} // namespace pier::bundles

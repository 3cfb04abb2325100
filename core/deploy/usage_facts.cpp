#include "core/deploy/usage_facts.hpp"

#include "core/base/files.hpp"
#include "core/deploy/experiments.hpp"
#include "core/deploy/state.hpp"
#include "core/model/principal.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace pier::deploy {
namespace {

constexpr std::string_view k_shared = "/Workspace/Shared/";
constexpr std::string_view k_homes = "/Workspace/Users/";

/// The person whose home folder holds the path; empty for other places.
std::string owner_of_home(std::string_view path) {
  if (!path.starts_with(k_homes)) {
    return {};
  }
  path.remove_prefix(k_homes.size());
  return std::string(path.substr(0, path.find('/')));
}

void tell_place(const std::string& state_path, const std::string& deployer, model::Usage& usage) {
  const bool shared = state_path.starts_with(k_shared);
  const auto owner = owner_of_home(state_path);
  usage.tell("state_path_is_shared", shared);
  usage.tell("state_path_in_deployer_home", !owner.empty() && owner == deployer);
  usage.tell("state_path_in_other_user_home", !owner.empty() && owner != deployer);
  usage.tell("state_path_other", !shared && owner.empty());
}

/// True when somebody with this entry may change files of the folder.
bool may_write(const Json& entry) {
  constexpr std::array k_writing = {"CAN_EDIT", "CAN_MANAGE", "IS_OWNER"};
  const auto* levels = entry.find("all_permissions");
  return levels != nullptr && levels->is_array() &&
         std::any_of(levels->as_array().begin(), levels->as_array().end(), [&](const Json& level) {
           const auto name = level.get_string("permission_level");
           return std::find(k_writing.begin(), k_writing.end(), name) != k_writing.end();
         });
}

bool is_same_principal(const Json& one, const Json& other) {
  return std::all_of(model::k_principal_fields.begin(), model::k_principal_fields.end(),
                     [&](std::string_view name) { return one.get_string(name) == other.get_string(name); });
}

/// The only level of a bundle that lets write is CAN_MANAGE.
bool is_declared(const Json& writer, const Json& permissions) {
  return std::any_of(permissions.as_array().begin(), permissions.as_array().end(), [&](const Json& permission) {
    return permission.get_string("level") == "CAN_MANAGE" && is_same_principal(writer, permission);
  });
}

std::vector<Json> undeclared_writers(const Json& access, const Json& permissions) {
  std::vector<Json> writers;
  for (const auto& entry : access.is_array() ? access.as_array() : Json::Array()) {
    const bool is_admins = entry.get_string("group_name") == "admins"; // may write everywhere
    if (!is_admins && may_write(entry) && !is_declared(entry, permissions)) {
      writers.push_back(entry);
    }
  }
  return writers;
}

const char* migration_verdict(bool restricted, bool known, const std::vector<Json>& writers, bool only_deployer) {
  if (!restricted || (known && writers.empty())) {
    return "dms_compat_auto";
  }
  return known && only_deployer ? "dms_compat_only_self_undeclared" : "dms_compat_not";
}

bool names(const Json& task, std::string_view field) {
  return !task.get_string(field).empty();
}

} // namespace

void UsageNotes::tell_experiment(const model::Bundle& bundle, std::string_view name, const char* called) {
  if (usage_ != nullptr) {
    usage_->tell(called, has_experiment(bundle, name));
  }
}

void UsageNotes::tell_builds(const model::Bundle& bundle) {
  for (const auto& artifact : bundle.artifacts) {
    if (usage_ != nullptr && artifact.type == "whl" && artifact.dynamic_version) {
      usage_->tell("artifact_dynamic_version_is_set", true);
    }
  }
}

void UsageNotes::tell_files(const std::vector<LocalFile>& files) {
  if (usage_ != nullptr) {
    auto& sizes = usage_->file_sizes.emplace();
    std::transform(files.begin(), files.end(), std::back_inserter(sizes), [](const auto& file) { return file.size; });
  }
}

void UsageNotes::tell_access(const model::Bundle& bundle, const model::CurrentUser& user, const Json& access) {
  if (usage_ == nullptr) {
    return;
  }
  auto& usage = *usage_;
  const bool restricted = bundle.permissions.is_array() && !bundle.permissions.is_empty();
  tell_place(bundle.paths.state_path, user.user_name, usage);
  usage.tell("permissions_section_set", restricted);
  const auto writers = restricted ? undeclared_writers(access, bundle.permissions) : std::vector<Json>();
  const auto is_deployer = [&](const Json& writer) { return writer.get_string("user_name") == user.user_name; };
  const auto any = [&](const auto& test) { return std::any_of(writers.begin(), writers.end(), test); };
  usage.tell("dms_undeclared_deploying_user", any(is_deployer));
  usage.tell("dms_undeclared_other_user",
             any([&](const Json& writer) { return names(writer, "user_name") && !is_deployer(writer); }));
  usage.tell("dms_undeclared_service_principal",
             any([](const Json& writer) { return names(writer, "service_principal_name"); }));
  usage.tell("dms_undeclared_group", any([](const Json& writer) { return names(writer, "group_name"); }));
  const bool only_deployer = writers.size() == 1 && is_deployer(writers.front());
  usage.tell(migration_verdict(restricted, access.is_array(), writers, only_deployer), true);
}

void UsageNotes::tell_compute(const model::Bundle& bundle) {
  if (usage_ == nullptr) {
    return;
  }
  bool serverless = false;
  bool job_cluster = false;
  bool interactive = false;
  const auto* jobs = bundle.config.find_path({"resources", "jobs"});
  for (const auto& [key, job] : jobs != nullptr && jobs->is_object() ? jobs->as_object() : Json::Object()) {
    const auto* tasks = job.find("tasks");
    for (const auto& task : tasks != nullptr && tasks->is_array() ? tasks->as_array() : Json::Array()) {
      if (names(task, "environment_key")) {
        serverless = true;
      } else if (task.contains("new_cluster") || names(task, "job_cluster_key")) {
        job_cluster = true;
      } else if (names(task, "existing_cluster_id")) {
        interactive = true;
      } else {
        serverless = serverless || task.contains("notebook_task");
      }
    }
  }
  usage_->tell("has_serverless_compute", serverless);
  usage_->tell("has_classic_job_compute", job_cluster);
  usage_->tell("has_classic_interactive_compute", interactive);
}

void UsageNotes::tell_state(const std::filesystem::path& file) {
  const auto text = usage_ == nullptr ? Result<std::string>(std::string()) : read_file(file);
  const auto state = text && !text->empty() ? State::parse(*text, file) : Result<State>(State());
  if (usage_ == nullptr || !text || !state) {
    return; // nobody asks, or nothing was deployed yet
  }
  model::Usage::Deployed deployed{.file_bytes = text->size(), .node_bytes = {}, .ids = {}};
  for (const auto& [name, resource] : state->resources()) {
    const auto key = model::ResourceKey::parse(name);
    if (!key) {
      continue;
    }
    const auto kind = key->is_part() ? key->kind + "." + key->part : key->kind;
    deployed.node_bytes[kind].push_back(resource.state.dump(0, true).size());
    if (!key->is_part()) {
      deployed.ids[kind].push_back(resource.id);
    }
  }
  usage_->deployed = std::move(deployed);
}

} // namespace pier::deploy

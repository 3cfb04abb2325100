#include "bundles/lower/lower.hpp"

#include "bundles/lower/libraries.hpp"

namespace pier::bundles {
namespace {

std::vector<std::string> texts_of(const Value* list) {
  std::vector<std::string> texts;
  if (list != nullptr && list->is_list()) {
    for (const auto& item : list->as_list()) {
      if (item.is_text()) {
        texts.push_back(item.as_text());
      }
    }
  }
  return texts;
}

} // namespace

std::filesystem::path local_dir(const Loading& loading) {
  const auto chosen = loading.options.env.get("DATABRICKS_BUNDLE_TMP");
  const auto base = chosen ? loading.options.cwd / *chosen : loading.root / ".databricks" / "bundle";
  return (base / loading.target).lexically_normal();
}

model::SyncSettings lower_sync(const Loading& loading) {
  model::SyncSettings sync;
  sync.sync_root = loading.sync_root;
  if (const Value* section = loading.config.find("sync")) {
    sync.paths = texts_of(section->find("paths"));
    sync.include = texts_of(section->find("include"));
    sync.exclude = texts_of(section->find("exclude"));
  }
  const auto internal = (local_dir(loading) / ".internal").lexically_relative(loading.root).generic_string();
  if (!internal.starts_with("..")) {
    sync.internal = internal;
  }
  return sync;
}

namespace {

std::map<std::string, std::string> lower_hooks(const Value* scripts) {
  std::map<std::string, std::string> hooks;
  if (scripts != nullptr && scripts->is_map()) {
    for (const auto& entry : scripts->as_map().entries()) {
      if (entry.value.is_text()) {
        hooks.emplace(entry.key, entry.value.as_text());
      }
    }
  }
  return hooks;
}

} // namespace

model::WorkspaceSettings lower_workspace(const Loading& loading) {
  const Value* workspace = loading.config.find("workspace");
  if (workspace == nullptr) {
    return {};
  }
  return {.host = workspace->text_of("host"),
          .profile = workspace->text_of("profile"),
          .auth_type = workspace->text_of("auth_type"),
          .client_id = workspace->text_of("client_id"),
          .workspace_id = workspace->text_of("workspace_id")};
}

model::WorkspacePaths lower_paths(const Loading& loading) {
  const Value* workspace = loading.config.find("workspace");
  if (workspace == nullptr) {
    return {};
  }
  return {.root_path = workspace->text_of("root_path"),
          .file_path = workspace->text_of("file_path"),
          .artifact_path = workspace->text_of("artifact_path"),
          .state_path = workspace->text_of("state_path"),
          .resource_path = workspace->text_of("resource_path")};
}

model::Bundle lower(Loading& loading) {
  const Value& config = loading.config;
  model::Bundle bundle;
  bundle.target = loading.target;
  bundle.root = loading.root;
  bundle.local_dir = local_dir(loading);
  if (const Value* section = config.find("bundle")) {
    bundle.name = section->text_of("name");
    bundle.mode = section->text_of("mode");
    const Value* lock = section->find_path({"deployment", "lock", "enabled"});
    bundle.lock_enabled = lock == nullptr || !lock->is_boolean() || lock->as_boolean();
  }
  bundle.workspace = lower_workspace(loading);
  bundle.paths = lower_paths(loading);
  bundle.sync = lower_sync(loading);
  bundle.graph = lower_resources(loading);
  if (const Value* permissions = config.find("permissions")) {
    bundle.permissions = permissions->to_json();
  }
  bundle.artifacts = lower_artifacts(config.find("artifacts"));
  bundle.libraries = lower_libraries(loading.config);
  bundle.code_sources = lower_code_sources(loading.config);
  bundle.hooks = lower_hooks(config.find_path({"experimental", "scripts"}));
  bundle.config = config.to_json();
  return bundle;
}

} // namespace pier::bundles

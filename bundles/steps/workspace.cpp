#include "bundles/config/git_info.hpp"
#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/lower/lower.hpp"
#include "bundles/steps/libraries.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/text.hpp"

#include <array>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

/// Folder of the file that holds the value, relative to the bundle root.
fs::path folder_of(const Value& value) {
  return value.place().known() ? fs::path(*value.place().file).parent_path() : fs::path();
}

void rewrite_entries(Value& list) {
  if (!list.is_list()) {
    return;
  }
  for (auto& entry : list.as_list()) {
    if (entry.is_text()) {
      // By text, so that a leading `/` or `!` stays below the folder, as in the official CLI.
      const auto folder = folder_of(entry).generic_string();
      entry.assign(clean_path(folder.empty() ? entry.as_text() : folder + "/" + entry.as_text()));
      if (entry.as_text().starts_with('/')) {
        entry.as_text().erase(0, 1);
      }
    }
  }
}

void refuse_reference(Loading& loading, const Value& value, const std::string& expectation) {
  loading.error("PIER1053", expectation + ", found " + std::string(kind_word(value.kind())), loading.extra(&value), {},
                "paths to synchronise are needed before references are resolved: write the list out");
}

/// The highest folder that the sync paths need: "../lib" needs the bundle's parent.
fs::path infer_sync_root(Loading& loading, const Value& paths) {
  fs::path highest = loading.root;
  const auto& list = paths.as_list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_text()) {
      continue;
    }
    fs::path folder = loading.root;
    bool inside = true;
    for (fs::path rest = list[i].as_text(); inside && !rest.empty() && *rest.begin() == "..";) {
      inside = folder != folder.parent_path();
      folder = folder.parent_path();
      rest = rest.lexically_relative("..");
    }
    if (!inside) {
      loading.error("PIER1053", "invalid sync path " + in_quotes(list[i].as_text()), &list[i],
                    "sync.paths[" + std::to_string(i) + "]");
    } else if (folder.native().size() < highest.native().size()) {
      highest = folder;
    }
  }
  return highest;
}

void prefix_entries(Value& sync, std::string_view key, const fs::path& prefix) {
  Value* list = sync.find(key);
  if (list == nullptr || !list->is_list()) {
    return;
  }
  for (auto& entry : list->as_list()) {
    if (entry.is_text()) {
      entry.assign(clean_path(prefix / entry.as_text()));
    }
  }
}

void set_text_if_empty(Value& map, std::string_view key, const std::string& text) {
  if (map.text_of(key).empty() && !text.empty()) {
    map.set(key, Value::text(text));
  }
}

std::string with_workspace_prefix(const std::string& path) {
  const bool absolute = path.starts_with('/') && !path.starts_with("/Workspace/") && !path.starts_with("/Volumes/");
  return absolute ? "/Workspace" + path : path;
}

/// Why the workspace's host cannot be asked; empty when it can.
std::string fault_of_host(const Value& config) {
  const Value* workspace = config.find("workspace");
  auto host = workspace == nullptr ? std::string() : workspace->text_of("host");
  if (host.find('{') == std::string::npos) {
    return {};
  }
  if (url_scheme(host).empty()) {
    host = "https://" + host;
  }
  return "parse " + in_quotes(host) + ": invalid character \"{\" in host name";
}

/// A known user, the answer of the workspace, or a placeholder. A bundle that is wrong anyway asks nobody.
void identify_user(Loading& loading) {
  const auto& options = loading.options;
  loading.user = options.user.value_or(placeholder_user());
  loading.user_known = options.user.has_value();
  if (loading.user_known || !options.sign_in || loading.diagnostics.has_errors()) {
    return;
  }
  if (const auto fault = fault_of_host(loading.config); !fault.empty() && options.compatible) {
    loading.error("PIER1071", "failed during request visitor: " + fault);
    return;
  }
  auto user = options.sign_in(lower_workspace(loading));
  if (!user) {
    loading.failed(user.error());
    return;
  }
  if (*user) {
    loading.user = **std::move(user);
    loading.user_known = true;
  }
}

} // namespace

void choose_profile(Loading& loading) {
  const auto& options = loading.options;
  auto profile = options.profile.empty() ? options.env.get("DATABRICKS_CONFIG_PROFILE").value_or("") : options.profile;
  if (const auto said = lower_workspace(loading); profile.empty() && said.host.empty() && said.profile.empty()) {
    profile = options.default_profile;
  }
  if (profile.empty()) {
    return;
  }
  Value& workspace = loading.config.member("workspace");
  if (workspace.is_nil()) {
    workspace = Value::map();
  }
  workspace.set("profile", Value::text(profile));
}

void remark_on_host(Loading& loading) {
  if (const auto fault = fault_of_host(loading.config); !fault.empty()) {
    loading.remark("Failed to fix host for metadata resolution: " + fault);
  }
}

void rewrite_sync_paths(Loading& loading) {
  Value& sync = loading.config.member("sync");
  if (sync.is_nil()) {
    sync = Value::map();
  }
  if (!sync.is_map()) {
    refuse_reference(loading, sync, "expected a map to index \"paths\"");
    return;
  }
  for (const std::string_view key : {"paths", "include", "exclude"}) {
    Value* list = sync.find(key);
    if (list != nullptr && !list->is_list() && !list->is_nil()) {
      refuse_reference(loading, *list, "expected a map or sequence");
      return;
    }
    if (list != nullptr) {
      rewrite_entries(*list);
    }
  }
  if (sync.find("paths") == nullptr) {
    Value::List all;
    all.push_back(Value::text("."));
    sync.set("paths", Value(std::move(all)));
  }
  loading.sync_root = loading.root;
  const Value& paths = *sync.find("paths");
  if (!paths.is_list()) {
    return;
  }
  loading.sync_root = infer_sync_root(loading, paths);
  const auto below_sync_root = loading.root.lexically_relative(loading.sync_root);
  for (const std::string_view key : {"paths", "include", "exclude"}) {
    prefix_entries(sync, key, below_sync_root);
  }
}

void set_current_user(Loading& loading) {
  identify_user(loading);
  if (loading.options.compatible && loading.diagnostics.has_errors()) {
    return;
  }
  Value user = Value::map();
  for (const std::string_view key :
       {"active", "displayName", "emails", "entitlements", "externalId", "groups", "name", "roles", "schemas"}) {
    if (const auto* member = loading.user.profile.find(key)) {
      user.set(key, Value::from_json(*member));
    }
  }
  user.set("id", Value::text(loading.user.id));
  user.set("userName", Value::text(loading.user.user_name));
  user.set("short_name", Value::text(short_name_of(loading.user)));
  user.set("domain_friendly_name", Value::text(domain_friendly_name_of(loading.user)));
  loading.config.member("workspace").set("current_user", std::move(user));
}

void set_git_details(Loading& loading) {
  const auto info = read_git_info(loading.root);
  Value& git = loading.config.member("bundle").member("git");
  if (git.is_nil()) {
    git = Value::map();
  }
  if (!git.is_map()) {
    return;
  }
  if (info && info->broken) {
    loading.remark("failed to read .git: expected " + in_quotes((info->worktree / ".git").generic_string()) +
                   " to contain a line with \"gitdir: [...]\"");
  }
  if (info) {
    git.set("actual_branch", Value::text(info->branch));
    set_text_if_empty(git, "branch", info->branch);
    set_text_if_empty(git, "commit", info->commit);
    set_text_if_empty(git, "origin_url", info->origin_url);
    if (info->branch.empty()) {
      git.as_map().erase("actual_branch");
    }
  }
  git.set("bundle_root_path",
          Value::text(clean_path(loading.root.lexically_relative(info ? info->worktree : loading.sync_root))));
}

void set_workspace_paths(Loading& loading) {
  Value& workspace = loading.config.member("workspace");
  const Value* bundle = loading.config.find("bundle");
  auto root = workspace.text_of("root_path");
  if (root.empty()) {
    const auto name = bundle == nullptr ? std::string() : bundle->text_of("name");
    if (name.empty()) {
      loading.error("PIER1014", "unable to define default workspace root: bundle name not defined",
                    loading.extra(bundle), {}, "write 'bundle: {name: …}' in databricks.yml");
      if (loading.options.compatible) {
        return;
      }
    }
    root = "~/.bundle/" + name + "/" + loading.target;
  }
  const auto home = "/Workspace/Users/" + loading.user.user_name;
  if (root == "~" || root.starts_with("~/")) {
    root = clean_path(home + root.substr(1));
  }
  const auto set_path = [&](std::string_view key, const std::string& text) {
    if (Value* written = workspace.find(key); written != nullptr && written->is_text()) {
      written->assign(text);
    } else {
      Value made = Value::text(text);
      if (const Value* from = loading.extra(workspace.find("root_path"))) {
        made.take_places_of(*from);
      }
      workspace.set(key, std::move(made));
    }
  };
  set_path("root_path", root);
  for (const auto& [key, folder] : {std::pair("file_path", "files"), std::pair("resource_path", "resources"),
                                    std::pair("artifact_path", "artifacts"), std::pair("state_path", "state")}) {
    const auto written = workspace.text_of(key);
    set_path(key, with_workspace_prefix(written.empty() ? clean_path(root + "/" + folder) : written));
  }
  set_path("root_path", with_workspace_prefix(root));
}

void remove_workspace_prefix(Loading& loading) {
  static constexpr std::array<std::string_view, 5> k_fields = {"root_path", "file_path", "artifact_path", "state_path",
                                                               "resource_path"};
  const auto visit = [&](Value& value, const PathNode& path) {
    const auto before = value.as_text();
    if (before.find("/Workspace") == std::string::npos || before.find("${workspace.") == std::string::npos) {
      return;
    }
    auto after = before;
    for (const auto field : k_fields) {
      const auto reference = "${workspace." + std::string(field) + "}";
      for (const auto& prefix : {std::string("/Workspace/"), std::string("/Workspace")}) {
        if (after.find(prefix + reference) == std::string::npos) {
          continue;
        }
        after = replace_all(after, prefix + reference, reference);
        loading.report(Severity::warning, "PIER1050",
                       "substring " + in_quotes(prefix + reference) + " found in " + in_quotes(before) +
                           ". Please update this to " + in_quotes(after) + ".",
                       &value, path.to_string(), {},
                       "For more information, please refer to: "
                       "https://docs.databricks.com/en/release-notes/dev-tools/bundles.html#workspace-paths");
      }
    }
    value.assign(after);
  };
  walk_texts(loading.config, PathNode{}, visit);
}

} // namespace pier::bundles

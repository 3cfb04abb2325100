#include "bundles/checks/checks.hpp"
#include "bundles/config/git_info.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/lower/lower.hpp"

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

/// Rules of .gitignore count from the top of the work tree, so it must be readable and hold what is synced.
bool is_inside_worktree(Loading& loading) {
  const auto git = read_git_info(loading.root);
  if (git && git->broken) {
    loading.error("PIER1086",
                  "expected " + in_quotes((git->worktree / ".git").generic_string()) +
                      " to contain a line with \"gitdir: [...]\"",
                  nullptr, {}, "repair or remove the file .git");
    return false;
  }
  const auto below = git ? loading.sync_root.lexically_relative(git->worktree).generic_string() : std::string(".");
  if (below == ".." || below.starts_with("../")) {
    loading.error("PIER1086",
                  "path " + in_quotes(loading.sync_root.generic_string()) + " is not within repository root " +
                      in_quotes(git->worktree.generic_string()),
                  nullptr, {}, "keep sync.paths below the folder that holds .git");
    return false;
  }
  return true;
}

void report_no_files(Loading& loading) {
  const Value* exclude = loading.config.find_path({"sync", "exclude"});
  if (exclude == nullptr || !exclude->is_list() || exclude->as_list().empty()) {
    loading.warning("PIER1097", "There are no files to sync, please check your .gitignore", nullptr, {},
                    "a .gitignore here or in a folder above ignores all files of the bundle");
    return;
  }
  loading.warning("PIER1097", "There are no files to sync, please check your .gitignore and sync.exclude configuration",
                  exclude, "sync.exclude");
}

void check_patterns(Loading& loading, const std::string& key) {
  const Value* list = loading.config.find_path({"sync", key});
  if (list == nullptr || !list->is_list()) {
    return;
  }
  for (std::size_t i = 0; i < list->as_list().size(); ++i) {
    const Value& pattern = list->as_list()[i];
    if (!pattern.is_text()) {
      continue;
    }
    const auto& text = pattern.as_text();
    const model::SyncSettings matching{
        .sync_root = loading.root, .paths = {}, .include = {text.substr(text.starts_with('!') ? 1 : 0)}, .exclude = {}};
    const auto count = loading.options.count_files(matching);
    if (!count) {
      loading.failed(count.error());
    } else if (*count == 0) {
      loading.warning("PIER1098", "Pattern " + text + " does not match any files", &pattern,
                      "sync." + key + "[" + std::to_string(i) + "]", "correct the pattern, or remove it");
    }
  }
}

} // namespace

void check_files_to_sync(Loading& loading) {
  const auto sync = lower_sync(loading);
  if (!loading.options.count_files || sync.paths.empty() || !is_inside_worktree(loading)) {
    return;
  }
  const Value* folder = loading.config.find_path({"workspace", "file_path"});
  if (loading.options.prepare_upload && folder != nullptr && folder->is_text()) {
    if (const auto ready = loading.options.prepare_upload(
            {.root = loading.root, .local_dir = local_dir(loading), .remote_folder = folder->as_text()});
        !ready) {
      loading.failed(ready.error());
      return;
    }
  }
  if (loading.options.compatible) {
    std::error_code unknown;
    for (const auto& path : sync.paths) {
      if (!std::filesystem::exists(sync.sync_root / path, unknown)) {
        loading.error("PIER2041", "stat " + path + ": no such file or directory");
        return;
      }
    }
  }
  const auto count = loading.options.count_files(sync);
  if (!count) {
    loading.failed(count.error());
  } else if (*count == 0) {
    report_no_files(loading);
  }
}

void check_sync_patterns(Loading& loading) {
  if (!loading.options.count_files) {
    return;
  }
  const bool failed_before = loading.diagnostics.has_errors();
  check_patterns(loading, "exclude");
  if (failed_before || !loading.diagnostics.has_errors()) {
    check_patterns(loading, "include");
  }
}

} // namespace pier::bundles

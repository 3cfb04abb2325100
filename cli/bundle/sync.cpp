#include "cli/bundle/flow.hpp"
#include "cli/bundle/sync_events.hpp"
#include "cli/console.hpp"
#include "core/base/folder_watch.hpp"
#include "core/base/text.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/state_store.hpp"
#include "core/git/worktree_ignore.hpp"

namespace pier::cli {
namespace {

Result<std::chrono::milliseconds> parse_interval(const std::string& given) {
  auto text = given;
  constexpr std::int64_t k_longest = 24 * 3600;
  std::int64_t unit = 1000;
  if (text.ends_with("ms")) {
    unit = 1;
    text.resize(text.size() - 2);
  } else if (text.ends_with('s') || text.ends_with('m')) {
    unit = text.back() == 's' ? 1000 : 60'000;
    text.pop_back();
  }
  std::int64_t number = 0;
  if (!parse_int64(text, number) || number < 0 || number > k_longest) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0001",
                 .message = "invalid argument \"" + given + "\" for \"--interval\" flag: time: invalid duration \"" +
                            given + "\"",
                 .hint = "write 500ms, 1s or 1m"};
  }
  return std::chrono::milliseconds(number * unit);
}

/// Syncs after each change of the tree; ends with Ctrl-C only.
Result<void> keep_in_sync(deploy::FileSync& sync, const deploy::Session& session, std::chrono::milliseconds interval,
                          const std::stop_token& stop) {
  const auto& root = session.bundle.sync.sync_root;
  const auto excludes = git::user_excludes_file(session.env);
  git::WorktreeIgnore ignore(root, excludes);
  PIER_TRY_ASSIGN(auto watch, FolderWatch::create([&](const std::filesystem::path& folder) {
                    return ignore.ignores(folder.lexically_relative(root).generic_string(), true);
                  }));
  PIER_TRY(watch.add_tree(root));
  while (true) {
    PIER_TRY_ASSIGN(auto files, deploy::list_files(session.bundle.sync, excludes));
    PIER_TRY(sync.run(std::move(files)));
    PIER_TRY_ASSIGN(const bool changed, watch.wait(stop, interval));
    if (!changed) {
      return Error{.kind = ErrorKind::interrupted, .code = "PIER0111", .message = "interrupted"};
    }
  }
}

Result<Report> sync_files(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto interval, parse_interval(arguments.get("interval", "1s")));
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  auto& session = flow.session();
  const deploy::SyncOptions options{
      .full = arguments.has("full"), .dry_run = arguments.has("dry-run"), .resend = deploy::Resend::newer};
  PIER_TRY(deploy::prepare_local_dir(session.bundle.root, session.bundle.local_dir));
  SyncEventWriter writer(context, arguments.has("output") ? arguments.get("output") : "", options.dry_run);
  deploy::FileSync sync({.remote_path = session.bundle.paths.file_path, .state_dir = session.bundle.local_dir}, options,
                        session.client, writer);
  if (auto ready = sync.prepare(); !ready) {
    return flow.failed(ready.error());
  }
  if (options.dry_run) {
    context.console.remark("Running in dry-run mode. No actual changes will be made.");
  }
  Result<void> done;
  if (arguments.has("watch")) {
    done = keep_in_sync(sync, session, interval, context.stop);
  } else {
    PIER_TRY_ASSIGN(auto files, deploy::list_files(session.bundle.sync, git::user_excludes_file(session.env)));
    auto ran = sync.run(std::move(files));
    done = ran ? Result<void>() : std::move(ran).error();
  }
  if (!done && done.error().kind == ErrorKind::interrupted) {
    auto report = flow.end();
    report.exit_code = ExitCode::interrupted;
    return report;
  }
  return done ? flow.end() : flow.failed(done.error());
}

} // namespace

CommandSpec bundle_sync_command() {
  return {.name = "bundle sync",
          .summary = "Upload changed files, as `databricks bundle sync` does",
          .description = "Only files: jobs, apps and other resources stay as they were deployed last.",
          .options = {{.name = "watch", .help = "stay, and upload whatever changes; Ctrl-C ends it"},
                      {.name = "full", .help = "upload everything, not only what changed"},
                      {.name = "dry-run", .help = "only show what would be done"},
                      {.name = "interval",
                       .value = "TIME",
                       .help = "with --watch: how long files must rest before they are sent (1s)"}},
          .examples = {"pier bundle sync --watch -o text"},
          .run = sync_files};
}

} // namespace pier::cli

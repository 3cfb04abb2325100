#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "core/base/folder_watch.hpp"
#include "core/base/text.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/state_store.hpp"
#include "core/git/worktree_ignore.hpp"

#include <algorithm>
#include <mutex>

namespace pier::cli {
namespace {

/// Tells the events of a sync on stdout, as text or as one JSON object a line; nothing unless -o is given.
class EventWriter final : public deploy::SyncListener {
 public:
  EventWriter(Context& context, std::string format, bool dry_run)
      : context_(context),
        format_(std::move(format)),
        dry_run_(dry_run) {}

  void on_begin(const deploy::SyncChanges& changes) override {
    if (is_told(changes)) {
      const auto lists = sorted(changes);
      tell(lists.text.empty() ? std::string() : "Action: " + lists.text, event("start", lists));
    }
  }

  void on_step(Action action, const std::string& name, bool done) override {
    auto json = event("progress", {});
    json["action"] = action == Action::put ? "put" : "delete";
    json["path"] = name;
    json["progress"] = done ? 1 : 0;
    tell(done ? (action == Action::put ? "Uploaded " : "Deleted ") + name : std::string(), std::move(json));
  }

  void on_end(const deploy::SyncChanges& changes) override {
    if (is_told(changes)) {
      tell(number_ == 0 ? "Initial Sync Complete" : "Complete", event("complete", sorted(changes)));
      ++number_;
    }
  }

 private:
  struct Lists {
    std::string text; ///< "PUT: a, b, DELETE: c"
    std::vector<std::string> put;
    std::vector<std::string> removed;
  };

  /// The first sync is told even if there is nothing to do.
  [[nodiscard]] bool is_told(const deploy::SyncChanges& changes) const { return number_ == 0 || !changes.empty(); }

  static Lists sorted(const deploy::SyncChanges& changes) {
    Lists lists{.text = {}, .put = changes.upload, .removed = changes.remove};
    std::sort(lists.put.begin(), lists.put.end());
    std::sort(lists.removed.begin(), lists.removed.end());
    std::vector<std::string> parts;
    if (!lists.put.empty()) {
      parts.push_back("PUT: " + join(lists.put, ", "));
    }
    if (!lists.removed.empty()) {
      parts.push_back("DELETE: " + join(lists.removed, ", "));
    }
    lists.text = join(parts, ", ");
    return lists;
  }

  [[nodiscard]] Json event(const char* type, const Lists& lists) const {
    auto json = Json::object({{"timestamp", to_rfc3339(context_.clock.now())}, {"seq", number_}, {"type", type}});
    if (dry_run_) {
      json["dry_run"] = true;
    }
    if (!lists.put.empty()) {
      json["put"] = Json::strings(lists.put);
    }
    if (!lists.removed.empty()) {
      json["delete"] = Json::strings(lists.removed);
    }
    return json;
  }

  void tell(const std::string& text, const Json& json) {
    const std::lock_guard lock(mutex_);
    if (format_ == "json") {
      context_.console.out(json.dump() + "\n");
    } else if (format_ == "text" && !text.empty()) {
      context_.console.out(text + "\n");
    }
  }

  Context& context_;
  std::string format_;
  bool dry_run_;
  std::mutex mutex_;
  std::int64_t number_ = 0; ///< of the sync
};

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
  EventWriter writer(context, arguments.get("output"), options.dry_run);
  deploy::FileSync sync({.remote_path = session.bundle.paths.file_path, .state_dir = session.bundle.local_dir}, options,
                        session.client, writer);
  if (auto ready = sync.prepare(); !ready) {
    return flow.failed(ready.error());
  }
  if (options.dry_run) {
    context.console.status("Warn: Running in dry-run mode. No actual changes will be made.");
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

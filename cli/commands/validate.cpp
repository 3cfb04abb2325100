#include "bundles/load.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/known_users.hpp"
#include "cli/load_options.hpp"
#include "cli/print_report.hpp"
#include "cli/render/diagnostics.hpp"
#include "cli/render/report_formats.hpp"
#include "cli/session.hpp"
#include "core/base/folder_watch.hpp"
#include "core/base/text.hpp"
#include "core/deploy/file_set.hpp"
#include "core/git/worktree_ignore.hpp"
#include "core/workspace_client/lookup.hpp"

#include <map>

namespace pier::cli {
namespace {

/// "2 jobs, 1 app": what the bundle would make, most first.
std::string count_resources(const model::ResourceGraph& graph) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [key, node] : graph.nodes) {
    if (!key.is_part()) {
      ++counts[key.kind];
    }
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) {
    parts.push_back(std::to_string(count) + " " + replace_all(count == 1 ? model::singular_of(kind) : kind, "_", " "));
  }
  return parts.empty() ? "none" : join(parts, ", ");
}

std::string describe(const model::Bundle& bundle, bool user_known, const Style& style) {
  if (bundle.name.empty() || bundle.target.empty()) {
    return {}; // it could not even be read
  }
  std::string text = style.bold("bundle ") + bundle.name + ", target " + bundle.target;
  text += bundle.mode.empty() ? "\n" : " (" + bundle.mode + ")\n";
  if (!bundle.workspace.host.empty()) {
    text += "  host       " + bundle.workspace.host + "\n";
  }
  text +=
      "  path       " + bundle.paths.root_path + (user_known ? "\n" : style.dim("  (user not known offline)") + "\n");
  text += "  resources  " + count_resources(bundle.graph) + "\n\n";
  return text;
}

std::string verdict(const Diagnostics& diagnostics, const Style& style) {
  const auto counts = count_diagnostics(diagnostics);
  if (counts.empty()) {
    return style.green("no problems found") + "\n";
  }
  return (diagnostics.has_errors() ? style.red("found ") : style.yellow("found ")) + counts + "\n";
}

/// What a load wants to know of the workspace: remembered from the last time, or asked now (--online).
class WorkspaceAnswers {
 public:
  WorkspaceAnswers(const Arguments& arguments, Context& context)
      : arguments_(arguments),
        context_(context) {}

  void provide(bundles::LoadOptions& options) {
    options.sign_in = [this](const model::WorkspaceSettings& workspace) {
      auto user = arguments_.has("online") ? ask(workspace) : remember(workspace);
      refusal_ = user ? std::optional<Error>() : user.error();
      user_known_ = user && *user;
      return user;
    };
    if (arguments_.has("online")) {
      options.look_up = [this](const std::string& kind, const std::string& name) {
        return workspace_client::look_up_id(*target_.workspace.client, kind, name);
      };
    }
  }

  [[nodiscard]] bool user_known() const { return user_known_; }

  [[nodiscard]] std::optional<Error> refusal() const { return refusal_; }

 private:
  using Answer = Result<std::optional<model::CurrentUser>>;

  Answer ask(const model::WorkspaceSettings& workspace) {
    PIER_TRY_ASSIGN(auto user, sign_in(arguments_, context_, workspace, target_));
    return std::optional(std::move(user));
  }

  [[nodiscard]] Answer remember(const model::WorkspaceSettings& workspace) const {
    return KnownUsers(context_.env).find(workspace_of(workspace, arguments_.has("local"), context_.env));
  }

  const Arguments& arguments_;
  Context& context_;
  TargetSession target_;
  std::optional<Error> refusal_;
  bool user_known_ = false;
};

bool has_failed(const Diagnostics& diagnostics, bool strict) {
  return diagnostics.has_errors() || (strict && diagnostics.count(Severity::warning) > 0);
}

/// What reads these formats knows files by their paths in the repository.
std::vector<Diagnostic> for_repository(const Diagnostics& diagnostics, const std::string& format,
                                       const std::filesystem::path& root) {
  const auto all = diagnostics.all();
  std::vector<Diagnostic> problems(all.begin(), all.end());
  const auto top = git::find_worktree_root(root);
  if (top.empty() || top == root || format == "json" || format == "junit") {
    return problems;
  }
  const auto prefix = root.lexically_relative(top);
  for (auto& problem : problems) {
    for (auto& span : problem.spans) {
      span.file = (prefix / span.file).lexically_normal().generic_string();
    }
  }
  return problems;
}

using SeeBundle = std::function<void(const model::Bundle&)>;

Result<Report> validate_once(const Arguments& arguments, Context& context, const SeeBundle& see = {}) {
  auto options = load_options(arguments, context);
  options.count_files = make_file_counter(context);
  PIER_TRY_ASSIGN(const auto root, bundles::find_bundle_root(options.cwd, options.env));
  Report report;
  report.diagnostics_root = root;
  WorkspaceAnswers answers(arguments, context);
  answers.provide(options);
  const auto bundle = bundles::load(options, report.diagnostics);
  if (auto refused = answers.refusal()) {
    return *std::move(refused);
  }
  if (bundle && see) {
    see(*bundle);
  }
  const auto style = context.console.out_style();
  if (has_failed(report.diagnostics, arguments.has("strict"))) {
    report.exit_code = ExitCode::failed;
  }
  if (const auto format = arguments.get("format"); !format.empty() && format != "text") {
    report.raw_stdout = render_report(format, for_repository(report.diagnostics, format, root));
    report.diagnostics = {};
  } else if (arguments.get("output") == "json") {
    if (bundle) {
      // The bytes of the official CLI, so that scripts can compare.
      report.raw_stdout = bundle->config.dump(2, true) + "\n";
    }
  } else {
    report.text =
        (bundle ? describe(*bundle, answers.user_known(), style) : std::string()) + verdict(report.diagnostics, style);
  }
  return report;
}

/// The folders that a bundle is made of: its own, that of its files, and those of included files elsewhere.
Result<void> watch_bundle(FolderWatch& watch, const model::Bundle& bundle) {
  if (!bundle.sync.sync_root.empty() && bundle.sync.sync_root != bundle.root) {
    PIER_TRY(watch.add_tree(bundle.sync.sync_root));
  }
  const auto* includes = bundle.config.find("include");
  for (const auto& file : includes != nullptr && includes->is_array() ? includes->as_array() : Json::Array()) {
    if (file.is_string() && file.as_string().starts_with("..")) {
      PIER_TRY(watch.add_folder((bundle.root / file.as_string()).lexically_normal().parent_path()));
    }
  }
  return {};
}

/// Validates again whenever a file of the bundle changes; ends with Ctrl-C only.
Result<Report> validate_always(const Arguments& arguments, Context& context) {
  constexpr std::chrono::milliseconds k_settle{50}; // editors write a file in several steps
  PIER_TRY_ASSIGN(const auto root, bundles::find_bundle_root(context.cwd, context.env));
  const auto excludes = git::user_excludes_file(context.env);
  git::WorktreeIgnore ignore(root, excludes);
  PIER_TRY_ASSIGN(auto watch, FolderWatch::create([&](const std::filesystem::path& folder) {
                    const auto path = folder.lexically_relative(root).generic_string();
                    return path.starts_with("..") ? folder.filename() == ".git" : ignore.ignores(path, true);
                  }));
  PIER_TRY(watch.add_tree(root));
  while (true) {
    Result<void> watched;
    const auto report =
        validate_once(arguments, context, [&](const model::Bundle& bundle) { watched = watch_bundle(watch, bundle); });
    PIER_TRY(watched);
    context.console.clear();
    if (report) {
      print_report(*report, arguments.get("output") == "json", context);
    } else {
      print_error(report.error(), context.console);
    }
    context.console.live({"waiting for changes; Ctrl-C ends"});
    PIER_TRY_ASSIGN(const bool changed, watch.wait(context.stop, k_settle));
    context.console.live({});
    if (!changed) {
      Report ended;
      ended.exit_code = ExitCode::interrupted;
      return ended;
    }
  }
}

Result<Report> validate(const Arguments& arguments, Context& context) {
  return arguments.has("watch") ? validate_always(arguments, context) : validate_once(arguments, context);
}

} // namespace

CommandSpec validate_command() {
  auto formats = report_formats();
  formats.insert(formats.begin(), "text");
  return {
      .name = "validate",
      .summary = "Check the bundle without a network",
      .description =
          "Reads databricks.yml and what it includes, resolves it for one target and reports every\n"
          "problem at once, with its place, reason and remedy. With -o json it prints the resolved\n"
          "configuration. Exit code 1 when there are errors. The identity is the one that the workspace told last;\n"
          "before that, me@example.test stands in.",
      .options =
          {{.name = "watch", .help = "stay, and validate again when a file changes; Ctrl-C ends it"},
           {.name = "strict", .help = "warnings fail too"},
           {.name = "online", .help = "ask the workspace for the identity and for looked-up variables"},
           {.name = "format", .value = "FORMAT", .help = "how problems are written", .choices = std::move(formats)}},
      .examples = {"pier validate", "pier validate -t prod -o json", "pier validate --format github",
                   "pier validate --watch"},
      .run = validate};
}

} // namespace pier::cli

#include "cli/bundle/flow.hpp"

#include "bundles/load.hpp"
#include "cli/bundle/observer.hpp"
#include "cli/bundle/resource_titles.hpp"
#include "cli/console.hpp"
#include "cli/known_users.hpp"
#include "cli/load_options.hpp"
#include "cli/render/bundle_text.hpp"
#include "cli/session.hpp"
#include "core/base/answer_text.hpp"
#include "core/base/text.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/folder_permissions.hpp"
#include "core/deploy/state_store.hpp"
#include "core/workspace_client/lookup.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <array>

namespace pier::cli {
namespace {

/// Console::status ends the line itself.
void print(std::string text, Console& console) {
  text.pop_back();
  console.status(text);
}

constexpr std::array<std::string_view, 3> k_told_already = {"PIER2030", "PIER2050", "PIER2071"};

/// What the official CLI says when it cannot tell which profile is meant.
Error as_official(Error error) {
  if (error.code == "PIER2002" || error.code == "PIER2003") {
    error.message = "cannot resolve bundle auth configuration: resolve: " + error.message;
  } else if (error.code == "PIER2018") {
    error.message = "cannot resolve bundle auth configuration: " + error.message;
  }
  return error;
}

} // namespace

BundleFlow::BundleFlow(const Arguments& arguments, Context& context)
    : arguments_(arguments),
      context_(context) {}

BundleFlow::~BundleFlow() = default;

Result<std::optional<model::CurrentUser>> BundleFlow::sign_in(const model::WorkspaceSettings& settings,
                                                              model::Usage* usage) {
  auto opened = open_workspace(arguments_, context_, settings, Unnamed::refused);
  if (!opened) {
    return as_official(std::move(opened).error());
  }
  auto& workspace = *opened;
  const workspace_client::SharedCache cache(context_.env, context_.clock);
  PIER_TRY_ASSIGN(auto me, workspace_client::current_user(*workspace.client, cache));
  if (usage != nullptr && cache.is_enabled()) {
    usage->tell("local.cache.attempt", true);
    usage->tell(me.from_cache ? "local.cache.hit" : "local.cache.miss", true);
  }
  client_ = std::move(workspace.client);
  user_ = std::move(me.user);
  KnownUsers(context_.env).remember(workspace_of(settings, arguments_.has("local"), context_.env), user_);
  return std::optional(user_);
}

bool BundleFlow::load(const LoadRequest& request) {
  auto options = load_options(arguments_, context_);
  options.compatible = true;
  options.usage = request.usage;
  options.default_profile = workspace_client::default_profile(context_.env);
  options.sign_in = [&](const model::WorkspaceSettings& workspace) { return sign_in(workspace, request.usage); };
  options.look_up = [this](const std::string& kind, const std::string& name) {
    return workspace_client::look_up_id(*client_, kind, name);
  };
  options.run_python = make_python_runner(
      context_, [this] { return client_ == nullptr ? context_.env : with_credentials(context_.env, *client_); });
  options.cluster_id = arguments_.has("cluster-id") ? arguments_.get("cluster-id") : arguments_.get("compute-id");
  options.check_tasks = request.validate || request.deploys;
  if (options.check_tasks) {
    options.read_volume = [this](const std::string& name) -> Result<void> {
      PIER_TRY(client_->get("/api/2.1/unity-catalog/volumes/" + name));
      return {};
    };
  }
  options.spark_version = [this](const std::string& id) { return spark_version(id); };
  options.run_script = make_script_runner(context_);
  options.on_remark = [this](const std::string& text) { context_.console.remark(text); };
  options.on_note = [this](const std::string& text) { context_.console.status(text); };
  options.on_problem = [this](const Diagnostic& problem) { report(problem); };
  options.with_locations = request.with_locations;
  if (request.validate) {
    options.count_files = make_file_counter(context_);
    options.prepare_upload = [this](const bundles::UploadPlaces& places) {
      // The official CLI leaves this folder behind too; a project that is read-only is as valid without it.
      [[maybe_unused]] const auto ignored = deploy::prepare_local_dir(places.root, places.local_dir);
      return deploy::ensure_remote_folder(*client_, places.remote_folder);
    };
    options.folder_access = [this](const std::string& folder) { return deploy::read_folder_access(folder, *client_); };
  }
  Diagnostics found;
  bundle_ = bundles::load(options, found);
  if (!bundle_ || diagnostics_.has_errors() || client_ == nullptr) {
    return false;
  }
  if (!knows_engine()) {
    return false;
  }
  const bool progress = quiet() < k_only_problems;
  observer_ = std::make_unique<BundleObserver>(
      context_.console, progress, [this](const Error& error) { tell(error); },
      [this](const Diagnostic& problem) { report(problem); });
  session_.emplace(deploy::Session{.bundle = *bundle_,
                                   .user = user_,
                                   .client = *client_,
                                   .observer = *observer_,
                                   .env = bundle_environment(context_.env, *client_, *bundle_),
                                   .compatible = true});
  return true;
}

/// The bundle's own setting wins over the variable. The words come without a blank line behind them.
bool BundleFlow::knows_engine() {
  const auto* configured = bundle_->config.find_path({"bundle", "engine"});
  const auto asked = context_.env.get("DATABRICKS_BUNDLE_ENGINE").value_or("");
  if ((configured != nullptr && configured->is_string()) || asked.empty() || asked == "terraform" ||
      asked == "direct") {
    return true;
  }
  Diagnostic problem;
  problem.code = "PIER2069";
  problem.severity = Severity::error;
  problem.summary =
      "unexpected setting for DATABRICKS_BUNDLE_ENGINE=" + Json(asked).dump() + " (expected 'terraform' or 'direct')";
  context_.console.status("Error: " + problem.summary);
  const std::lock_guard lock(mutex_);
  diagnostics_.add(std::move(problem));
  return false;
}

bool BundleFlow::select() {
  auto options = load_options(arguments_, context_);
  options.compatible = true;
  options.only_select = true;
  options.on_problem = [this](const Diagnostic& problem) { report(problem); };
  Diagnostics found;
  bundle_ = bundles::load(options, found);
  return bundle_ && !diagnostics_.has_errors();
}

Result<workspace_client::RestClient*> BundleFlow::connect() {
  PIER_TRY_ASSIGN(auto workspace, open_workspace(arguments_, context_, bundle_->workspace, Unnamed::refused));
  client_ = std::move(workspace.client);
  return client_.get();
}

Result<std::string> BundleFlow::spark_version(const std::string& cluster_id) {
  http::Query query;
  query.add("cluster_id", cluster_id);
  PIER_TRY_ASSIGN(const auto cluster, client_->get("/api/2.1/clusters/get", query));
  return cluster.get_string("spark_version");
}

void BundleFlow::report(Diagnostic diagnostic) {
  const std::lock_guard lock(mutex_);
  print(render_compatible_diagnostics({&diagnostic, 1}), context_.console);
  diagnostics_.add(std::move(diagnostic));
}

std::size_t BundleFlow::quiet() const {
  return arguments_.count("quiet");
}

Result<Json> BundleFlow::deployed_config(bool pull) {
  const auto from = pull ? deploy::Pull::always : deploy::Pull::without_local_files;
  PIER_TRY_ASSIGN(const auto pulled, deploy::pull_state(*bundle_, *client_, *observer_, from));
  std::map<std::string, deploy::DeployedResource> deployed;
  for (const auto& [key, resource] : pulled.state.resources()) {
    const auto parsed = model::ResourceKey::parse(key);
    if (parsed && !parsed->is_part()) {
      deployed.emplace(deploy::short_key(key), resource);
    }
  }
  if (client_->workspace_id().empty()) { // any answer tells it, and there may have been none
    PIER_TRY(workspace_client::current_user(*client_));
  }
  return with_deployment(bundle_->config, deployed, client_->host(), client_->workspace_id());
}

Json BundleFlow::take_config() {
  return bundle_ ? std::exchange(bundle_->config, {}) : Json();
}

Result<std::vector<std::string>> BundleFlow::selected() const {
  std::vector<std::string> resolved;
  for (const auto& list : arguments_.all("select")) {
    for (const auto& name : split(list, ',')) {
      std::vector<std::string> matches;
      for (const auto& key : bundle_->graph.named(name)) {
        matches.push_back(key.kind + "." + key.key);
      }
      if (matches.size() != 1) {
        return Error{.kind = ErrorKind::not_found,
                     .code = "PIER2025",
                     .message = matches.empty() ? "no such resource: " + name
                                                : "ambiguous resource: " + name + " (can resolve to " +
                                                      join(matches, ", ") + "); use a qualified name to disambiguate"};
      }
      resolved.push_back(std::move(matches.front()));
    }
  }
  return resolved;
}

bool BundleFlow::asks(std::initializer_list<std::string_view> setting) const {
  const auto* asked = bundle_ ? bundle_->config.find_path(setting) : nullptr;
  return asked != nullptr && asked->is_bool() && asked->as_bool();
}

void BundleFlow::tell(const Error& error) {
  report(Diagnostic{.code = error.code,
                    .severity = Severity::error,
                    .summary = summary_of(error),
                    .detail = answer_of(error),
                    .help = {},
                    .spans = {},
                    .paths = {},
                    .related = {}});
}

Report BundleFlow::failed(const Error& error) {
  if (std::find(k_told_already.begin(), k_told_already.end(), error.code) == k_told_already.end()) {
    tell(error);
  }
  return end();
}

Report BundleFlow::end(std::string out) const {
  Report report;
  report.raw_stdout = std::move(out);
  report.exit_code = diagnostics_.has_errors() ? ExitCode::failed : ExitCode::ok;
  return report;
}

OptionSpec quiet_option() {
  return {.name = "quiet", .short_name = 'q', .help = "print less; twice: only problems"};
}

OptionSpec force_option() {
  return {.name = "force", .help = "deploy from another Git branch than the target asks for"};
}

OptionSpec force_pull_option() {
  return {.name = "force-pull", .help = "read the state of the workspace, not the local copy"};
}

OptionSpec select_option() {
  return {.name = "select",
          .value = "KIND.KEY",
          .help = "only this resource and what it needs; a comma separates several",
          .repeatable = true};
}

std::vector<OptionSpec> cluster_options() {
  return {{.name = "cluster-id", .short_name = 'c', .value = "ID", .help = "use this cluster in all jobs"},
          {.name = "compute-id", .value = "ID", .help = "older name of --cluster-id"}};
}

} // namespace pier::cli

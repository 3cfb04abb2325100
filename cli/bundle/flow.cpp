#include "cli/bundle/flow.hpp"

#include "bundles/load.hpp"
#include "cli/bundle/observer.hpp"
#include "cli/console.hpp"
#include "cli/load_options.hpp"
#include "cli/render/bundle_text.hpp"
#include "cli/session.hpp"
#include "core/workspace_client/lookup.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

/// Console::status ends the line itself.
void print(std::string text, Console& console) {
  text.pop_back();
  console.status(text);
}

} // namespace

BundleFlow::BundleFlow(const Arguments& arguments, Context& context)
    : arguments_(arguments),
      context_(context) {}

BundleFlow::~BundleFlow() = default;

Result<std::optional<model::CurrentUser>> BundleFlow::sign_in(const std::string& host, const std::string& profile) {
  PIER_TRY_ASSIGN(auto workspace, open_workspace(arguments_, context_, host, profile));
  client_ = std::move(workspace.client);
  PIER_TRY_ASSIGN(user_, workspace_client::current_user(*client_));
  return std::optional(user_);
}

bool BundleFlow::load(const LoadRequest& request) {
  auto options = load_options(arguments_, context_);
  options.compatible = true;
  options.sign_in = [this](const std::string& host, const std::string& profile) { return sign_in(host, profile); };
  options.look_up = [this](const std::string& kind, const std::string& name) {
    return workspace_client::look_up_id(*client_, kind, name);
  };
  options.run_python = make_python_runner(context_, [this] {
    return client_ == nullptr ? context_.env : with_credentials(context_.env, *client_, model::Bundle());
  });
  options.cluster_id = arguments_.has("cluster-id") ? arguments_.get("cluster-id") : arguments_.get("compute-id");
  options.read_volume = [this](const std::string& name) -> Result<void> {
    PIER_TRY(client_->get("/api/2.1/unity-catalog/volumes/" + name));
    return {};
  };
  options.spark_version = [this](const std::string& id) { return spark_version(id); };
  options.run_script = make_script_runner(context_);
  options.on_remark = [this](const std::string& text) { context_.console.status("Warn: " + text); };
  options.on_problem = [this](const Diagnostic& problem) { report(problem); };
  options.with_locations = request.with_locations;
  if (request.validate) {
    options.count_files = make_file_counter(context_);
  }
  Diagnostics found;
  bundle_ = bundles::load(options, found);
  if (!bundle_ || diagnostics_.has_errors() || client_ == nullptr) {
    return false;
  }
  observer_ = make_bundle_observer(context_.console);
  session_.emplace(deploy::Session{.bundle = *bundle_,
                                   .user = user_,
                                   .client = *client_,
                                   .observer = *observer_,
                                   .env = with_credentials(context_.env, *client_, *bundle_)});
  return true;
}

Result<std::string> BundleFlow::spark_version(const std::string& cluster_id) {
  http::Query query;
  query.add("cluster_id", cluster_id);
  PIER_TRY_ASSIGN(const auto cluster, client_->get("/api/2.1/clusters/get", query));
  return cluster.get_string("spark_version");
}

void BundleFlow::report(Diagnostic diagnostic) {
  print(render_compatible_diagnostics({&diagnostic, 1}), context_.console);
  diagnostics_.add(std::move(diagnostic));
}

Report BundleFlow::failed(const Error& error) {
  report(Diagnostic{.code = error.code,
                    .severity = Severity::error,
                    .summary = error.to_string(),
                    .detail = {},
                    .help = {},
                    .spans = {},
                    .paths = {},
                    .related = {}});
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

OptionSpec select_option() {
  return {.name = "select", .value = "KIND.KEY", .help = "only this resource and what it needs", .repeatable = true};
}

std::vector<OptionSpec> cluster_options() {
  return {{.name = "cluster-id", .short_name = 'c', .value = "ID", .help = "use this cluster in all jobs"},
          {.name = "compute-id", .value = "ID", .help = "older name of --cluster-id"}};
}

} // namespace pier::cli

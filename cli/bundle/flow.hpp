#pragma once

#include "cli/bundle/observer.hpp"
#include "cli/command.hpp"
#include "core/deploy/deployer.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace pier::cli {

/// One run of a `pier bundle …` command: loads, signs in and answers in the words, order and exit codes of
/// the official CLI 1.13 (facts: bundles). Problems are printed as they are found.
class BundleFlow {
 public:
  BundleFlow(const Arguments& arguments, Context& context);
  ~BundleFlow();
  BundleFlow(const BundleFlow&) = delete;
  BundleFlow& operator=(const BundleFlow&) = delete;

  struct LoadRequest {
    bool validate = false; ///< with the checks that only `validate` makes
    bool deploys = false;  ///< with the checks that a deploy needs; `validate` makes them too
    bool with_locations = false;
    model::Usage* usage = nullptr; ///< told what there is to report
  };

  /// Reads the bundle and signs in on the way. False: errors were printed; what could be read is kept.
  bool load(const LoadRequest& request);

  bool load() { return load({}); }

  /// Reads the files and selects the target, nothing more: no request, no variables.
  bool select();

  /// After `select`: a client for the workspace of the target; asks nothing yet.
  Result<workspace_client::RestClient*> connect();

  /// Bundle, client and observer for the engine; only after a successful `load`.
  deploy::Session& session() { return *session_; }

  /// The workspace that was signed in to, also when the bundle has errors; null before.
  [[nodiscard]] workspace_client::RestClient* client() const { return client_.get(); }

  [[nodiscard]] const model::Bundle* bundle() const { return bundle_ ? &*bundle_ : nullptr; }

  [[nodiscard]] const Diagnostics& diagnostics() const { return diagnostics_; }

  /// 1 for -q, 2 for -qq.
  [[nodiscard]] std::size_t quiet() const;

  /// What the upload of a deploy did; nothing before its end.
  [[nodiscard]] std::optional<BundleObserver::Files> files() const {
    return observer_ ? observer_->files() : std::nullopt;
  }

  /// The configuration with what is deployed, see with_deployment. `pull`: also asks the workspace for its state.
  Result<Json> deployed_config(bool pull);

  /// The resolved configuration, null if there is no bundle; the bundle has it no more.
  Json take_config();

  /// What --select names, as KIND.KEY; lists are taken apart. Error PIER2025.
  [[nodiscard]] Result<std::vector<std::string>> selected() const;

  /// True for a setting of the bundle that is true.
  [[nodiscard]] bool asks(std::initializer_list<std::string_view> setting) const;

  /// Prints a problem and counts it.
  void report(Diagnostic diagnostic);
  /// Prints an error of the engine and counts it.
  void tell(const Error& error);
  /// Ends the command with an error of the engine, which is printed unless it was told already; exit code 1.
  Report failed(const Error& error);
  /// Ends the command with what was printed so far: exit code 1 after an error.
  [[nodiscard]] Report end(std::string out = {}) const;

 private:
  Result<std::optional<model::CurrentUser>> sign_in(const model::WorkspaceSettings& settings, model::Usage* usage);

  bool knows_engine();
  Result<std::string> spark_version(const std::string& cluster_id);

  const Arguments& arguments_;
  Context& context_;
  std::mutex mutex_; ///< guards diagnostics_ while an engine works
  Diagnostics diagnostics_;
  std::optional<model::Bundle> bundle_;
  std::unique_ptr<workspace_client::RestClient> client_;
  std::unique_ptr<BundleObserver> observer_;
  model::CurrentUser user_;
  std::optional<deploy::Session> session_;
};

/// -qq: no summary either.
constexpr std::size_t k_only_problems = 2;

/// Options that several commands share.
OptionSpec quiet_option();
OptionSpec force_option();
OptionSpec select_option();
OptionSpec force_pull_option();
std::vector<OptionSpec> cluster_options();

} // namespace pier::cli

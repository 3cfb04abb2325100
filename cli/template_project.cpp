#include "cli/template_project.hpp"

#include "cli/console.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/deploy/version.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <map>
#include <tuple>

namespace pier::cli {
namespace {

/// Questions of a template on the terminal.
class ConsolePrompter final : public scaffold::Prompter {
 public:
  explicit ConsolePrompter(Console& console)
      : console_(console) {}

  Result<std::string> ask(const scaffold::Question& question) override {
    if (!question.choices.empty()) {
      return console_.choose(question.text, question.choices, question.default_answer);
    }
    return console_.ask(question.text, question.default_answer);
  }

  void reject(const Error& problem) override {
    console_.status(console_.status_style().red(problem.message));
    if (!problem.hint.empty()) {
      console_.status("  " + problem.hint);
    }
  }

 private:
  Console& console_;
};

/// A template may ask for a newer release of the official CLI than the one whose formats these are.
Result<void> check_version(const std::string& wanted) {
  if (!deploy::is_newer_version(std::string_view(wanted).substr(wanted.starts_with('v') ? 1 : 0),
                                deploy::k_cli_version)) {
    return {};
  }
  return Error{.kind = ErrorKind::unsupported,
               .code = "PIER5006",
               .message = "minimum CLI version " + Json(wanted).dump() + " is greater than current CLI version \"v" +
                          std::string(deploy::k_cli_version) + "\". Please upgrade your current Databricks CLI"};
}

} // namespace

/// The workspace, asked only when a template wants to know something of it.
class TemplateProject::Workspace {
 public:
  Workspace(const Arguments& arguments, Context& context)
      : arguments_(arguments),
        context_(context) {}

  scaffold::WorkspaceFacts facts() {
    scaffold::WorkspaceFacts out;
    out.host = [this]() -> Result<std::string> {
      PIER_TRY_ASSIGN(auto* const client, this->client());
      return client->host();
    };
    out.user_name = [this]() -> Result<std::string> {
      PIER_TRY_ASSIGN(const auto user, this->user());
      return user.user_name;
    };
    out.is_service_principal = [this]() -> Result<bool> {
      PIER_TRY_ASSIGN(const auto user, this->user());
      return user.is_service_principal;
    };
    out.warehouses = [this] { return warehouses(); };
    if (names_workspace()) {
      out.default_catalog = [this] { return default_catalog(); };
    }
    out.record_deployment_history = context_.env.get("DATABRICKS_BUNDLE_INIT_RECORD_DEPLOYMENT_HISTORY") == "true";
    return out;
  }

 private:
  /// Without one the default catalog is not worth starting the local workspace for.
  [[nodiscard]] bool names_workspace() const {
    return arguments_.has("local") || arguments_.has("profile") || context_.env.has("DATABRICKS_HOST") ||
           context_.env.has("DATABRICKS_CONFIG_PROFILE");
  }

  Result<workspace_client::RestClient*> client() {
    if (!session_) {
      PIER_TRY_ASSIGN(session_, open_workspace(arguments_, context_));
    }
    return session_->client.get();
  }

  Result<model::CurrentUser> user() {
    if (!user_) {
      PIER_TRY_ASSIGN(auto* const client, this->client());
      PIER_TRY_ASSIGN(user_, workspace_client::current_user(*client));
    }
    return *user_;
  }

  /// Empty without Unity Catalog, as for the official command line.
  Result<std::string> default_catalog() {
    PIER_TRY_ASSIGN(auto* const client, this->client());
    const auto metastore = client->get("/api/2.1/unity-catalog/current-metastore-assignment");
    if (!metastore) {
      const auto& code = metastore.error().code;
      const bool without =
          code == "PERMISSION_DENIED" || code == "METASTORE_DOES_NOT_EXIST" || code == "FEATURE_DISABLED";
      return without ? Result<std::string>(std::string()) : metastore.error();
    }
    return metastore->get_string("default_catalog_name");
  }

  /// Those that run first, then those that soon will; by name among equals.
  Result<std::vector<scaffold::Warehouse>> warehouses() {
    PIER_TRY_ASSIGN(auto* const client, this->client());
    PIER_TRY_ASSIGN(const auto answer, client->get("/api/2.0/sql/warehouses"));
    static const std::map<std::string, int, std::less<>> k_ranks = {
        {"RUNNING", 1}, {"STARTING", 2}, {"STOPPED", 3}, {"STOPPING", 4}};
    std::map<std::tuple<int, std::string, std::string>, scaffold::Warehouse> found;
    const auto* list = answer.find("warehouses");
    for (const auto& warehouse : list != nullptr && list->is_array() ? list->as_array() : Json::Array()) {
      const auto state = k_ranks.find(warehouse.get_string("state"));
      const auto id = warehouse.get_string("id");
      const auto name = warehouse.get_string("name");
      if (!warehouse.get_string("state").starts_with("DELET")) {
        found.emplace(std::tuple(state == k_ranks.end() ? 0 : state->second, to_lower(name), id),
                      scaffold::Warehouse{.id = id, .name = name});
      }
    }
    std::vector<scaffold::Warehouse> sorted;
    for (auto& [rank, warehouse] : found) {
      sorted.push_back(std::move(warehouse));
    }
    return sorted;
  }

  const Arguments& arguments_;
  Context& context_;
  std::optional<WorkspaceSession> session_;
  std::optional<model::CurrentUser> user_;
};

TemplateProject::TemplateProject(const Arguments& arguments, Context& context, scaffold::Words words)
    : arguments_(arguments),
      context_(context),
      words_(words),
      workspace_(std::make_unique<Workspace>(arguments, context)),
      facts_(workspace_->facts()) {}

TemplateProject::~TemplateProject() = default;

Result<void> TemplateProject::open(scaffold::TemplateRequest request) {
  request.cwd = context_.cwd;
  request.env = context_.env;
  PIER_TRY_ASSIGN(source_, scaffold::find_template(request));
  PIER_TRY_ASSIGN(schema_, scaffold::schema_of(source_));
  return check_version(schema_.min_cli_version);
}

Result<scaffold::AnswerValues> TemplateProject::config_file() const {
  if (!arguments_.has("config-file")) {
    return scaffold::AnswerValues();
  }
  const auto name = arguments_.get("config-file");
  if (words_ == scaffold::Words::own) {
    PIER_TRY_ASSIGN(const auto text, read_file(context_.cwd / name).context("reading the config file"));
    return scaffold::parse_config_file(schema_, text);
  }
  const auto doing = "failed to load config from file " + name;
  auto text = read_file(context_.cwd / name);
  if (!text && text.error().kind == ErrorKind::not_found) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER5007",
                 .message = doing + ": open " + name + ": no such file or directory"};
  }
  PIER_TRY_ASSIGN(const auto content, std::move(text).context(doing));
  return scaffold::parse_config_file(schema_, content, words_).context(doing);
}

Result<std::string> TemplateProject::welcome(const scaffold::AnswerValues& given) const {
  return scaffold::render_text("welcome_message", schema_.welcome_message, given, facts_);
}

Result<void> TemplateProject::render(scaffold::AnswerValues given, bool asks) {
  ConsolePrompter prompter(context_.console);
  PIER_TRY_ASSIGN(answers_,
                  scaffold::collect_answers(schema_, std::move(given), facts_, asks ? &prompter : nullptr, words_));
  PIER_TRY_ASSIGN(tree_, scaffold::render_tree(source_, answers_, facts_));
  return {};
}

std::filesystem::path TemplateProject::output() const {
  return context_.cwd / arguments_.get("output-dir", ".");
}

Result<std::string> TemplateProject::farewell() const {
  return scaffold::render_text("success_message", schema_.success_message, answers_, facts_);
}

std::vector<OptionSpec> template_options() {
  return {{.name = "config-file", .value = "FILE", .help = "JSON object with answers"},
          {.name = "branch", .value = "BRANCH", .help = "branch or tag of the template's repository"},
          {.name = "template-dir", .value = "DIR", .help = "folder of the template in its repository"},
          {.name = "output-dir", .value = "DIR", .help = "where to put the project", .default_value = "."}};
}

} // namespace pier::cli

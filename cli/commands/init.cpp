#include "cli/console.hpp"
#include "cli/session.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/scaffold/renderer.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <set>

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

/// The workspace, asked only when a template wants to know something of it.
class LazyWorkspace {
 public:
  LazyWorkspace(const Arguments& arguments, Context& context)
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

  const Arguments& arguments_;
  Context& context_;
  std::optional<WorkspaceSession> session_;
  std::optional<model::CurrentUser> user_;
};

Report list_templates() {
  Report report{.json = Json::array()};
  for (const auto& known : scaffold::builtin_templates()) {
    const std::string padding(known.name.size() < 12 ? 12 - known.name.size() : 1, ' ');
    report.text += std::string(known.name) + padding + std::string(known.summary) + "\n";
    report.json.push_back(Json::object({{"name", known.name}, {"summary", known.summary}}));
  }
  return report;
}

Error usage(std::string message, std::string hint) {
  return Error{.kind = ErrorKind::usage, .code = "PIER5007", .message = std::move(message), .hint = std::move(hint)};
}

/// `--set name=value` wins over NAME, both over the config file.
Result<scaffold::AnswerValues> given_answers(const scaffold::TemplateSchema& schema, const Arguments& arguments,
                                             const Context& context) {
  scaffold::AnswerValues values;
  if (arguments.has("config-file")) {
    const auto path = context.cwd / arguments.get("config-file");
    PIER_TRY_ASSIGN(const auto text, read_file(path).context("reading the config file"));
    PIER_TRY_ASSIGN(values, scaffold::parse_config_file(schema, text));
  }
  std::vector<std::string> settings;
  if (arguments.has("NAME")) {
    if (schema.find("project_name") == nullptr) {
      return usage("this template does not ask for a name", "leave out \"" + arguments.get("NAME") + "\"");
    }
    settings.push_back("project_name=" + arguments.get("NAME"));
  }
  for (auto& setting : arguments.all("set")) {
    settings.push_back(std::move(setting));
  }
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    const auto name = setting.substr(0, equals);
    const auto* property = schema.find(name);
    if (equals == std::string::npos || property == nullptr) {
      std::vector<std::string> names;
      for (const auto& known : schema.properties) {
        names.push_back(known.name);
      }
      return usage("--set " + setting + " names no property of this template",
                   "use NAME=VALUE with one of: " + join(names, ", "));
    }
    PIER_TRY_ASSIGN(auto value, scaffold::parse_answer(*property, std::string_view(setting).substr(equals + 1)));
    values.insert_or_assign(name, std::move(value));
  }
  return values;
}

/// The folders that the tree puts straight into the output folder, for the report.
std::vector<std::string> top_entries(const scaffold::RenderedTree& tree) {
  std::set<std::string> names;
  for (const auto& file : tree.files) {
    names.insert(file.path.substr(0, file.path.find('/')));
  }
  return {names.begin(), names.end()};
}

Result<Report> init(const Arguments& arguments, Context& context) {
  if (arguments.has("list")) {
    return list_templates();
  }
  if (!arguments.has("TEMPLATE")) {
    return usage("the template is missing", "pier init --list shows the built-in ones");
  }
  PIER_TRY_ASSIGN(const auto source, scaffold::find_template({.name = arguments.get("TEMPLATE"),
                                                              .cwd = context.cwd,
                                                              .branch = arguments.get("branch"),
                                                              .folder = arguments.get("template-dir")}));
  PIER_TRY_ASSIGN(const auto schema, scaffold::schema_of(source));
  PIER_TRY_ASSIGN(auto given, given_answers(schema, arguments, context));

  LazyWorkspace workspace(arguments, context);
  const auto facts = workspace.facts();
  ConsolePrompter prompter(context.console);
  const bool asks = context.console.is_interactive() && !arguments.has("config-file") && !arguments.has("NAME");
  if (asks && !schema.welcome_message.empty()) {
    PIER_TRY_ASSIGN(const auto welcome, scaffold::render_text("welcome_message", schema.welcome_message, given, facts));
    context.console.status(welcome);
  }
  PIER_TRY_ASSIGN(const auto answers,
                  scaffold::collect_answers(schema, std::move(given), facts, asks ? &prompter : nullptr));
  PIER_TRY_ASSIGN(const auto tree, scaffold::render_tree(source, answers, facts));
  const auto output = context.cwd / arguments.get("output-dir", ".");
  PIER_TRY(scaffold::write_tree(tree, output));

  Report report{.json = Json::object(
                    {{"template", source.name}, {"answers", Json(Json::Object(answers.begin(), answers.end()))}})};
  report.json["output_dir"] = output.lexically_normal().string();
  report.json["created"] = Json::strings(top_entries(tree));
  report.json["files"] = Json::array();
  for (const auto& file : tree.files) {
    report.json["files"].push_back(file.path);
  }
  PIER_TRY_ASSIGN(report.text, scaffold::render_text("success_message", schema.success_message, answers, facts));
  if (report.text.empty()) {
    report.text = "Created " + join(top_entries(tree), ", ") + " (" + std::to_string(tree.files.size()) +
                  (tree.files.size() == 1 ? " file)." : " files).");
  }
  report.text += "\n";
  return report;
}

} // namespace

CommandSpec init_command() {
  return {.name = "init",
          .summary = "Make a project from a template",
          .description = "Renders a template in the format of Databricks templates: a built-in one (--list), a\n"
                         "folder, or one in a Git repository.\n"
                         "On a terminal it asks for what was not given; with NAME or --config-file, and in a pipe, it\n"
                         "takes the defaults. Existing files are never overwritten.",
          .options = {{.name = "list", .help = "list the built-in templates"},
                      {.name = "set",
                       .value = "PROPERTY=VALUE",
                       .help = "answer a question of the template",
                       .repeatable = true},
                      {.name = "config-file", .value = "FILE", .help = "JSON object with answers"},
                      {.name = "branch", .value = "BRANCH", .help = "branch or tag of the template's repository"},
                      {.name = "template-dir", .value = "DIR", .help = "folder of the template in its repository"},
                      {.name = "output-dir", .value = "DIR", .help = "where to put the project", .default_value = "."}},
          .positionals = {{.name = "TEMPLATE", .help = "built-in template, folder or Git URL", .required = false},
                          {.name = "NAME", .help = "name of the project", .required = false}},
          .examples = {"pier init fullstack flightdesk",
                       "pier init streamlit board --set gold_table=main.gold.delayed_flights",
                       "pier init ../our-template --config-file answers.json"},
          .run = init};
}

} // namespace pier::cli

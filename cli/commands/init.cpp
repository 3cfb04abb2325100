#include "cli/console.hpp"
#include "cli/template_project.hpp"
#include "core/base/text.hpp"
#include "core/scaffold/published_templates.hpp"

#include <set>

namespace pier::cli {
namespace {

void add_to_list(Report& report, std::string_view name, std::string_view summary, std::string_view url) {
  static constexpr std::size_t k_column = 17;
  const std::string padding(name.size() < k_column ? k_column - name.size() : 1, ' ');
  auto json = Json::object({{"name", name}, {"summary", summary}});
  report.text += std::string(name) + padding + std::string(summary);
  if (!url.empty()) {
    json["url"] = url;
    report.text += "; from " + std::string(url);
  }
  report.text += "\n";
  report.json.push_back(std::move(json));
}

Report list_templates() {
  Report report{.json = Json::array()};
  for (const auto& known : scaffold::builtin_templates()) {
    add_to_list(report, known.name, known.summary, {});
  }
  for (const auto& known : scaffold::published_templates()) {
    if (!known.hidden) {
      add_to_list(report, known.name, known.summary, known.url);
    }
  }
  return report;
}

Error usage(std::string message, std::string hint) {
  return Error{.kind = ErrorKind::usage, .code = "PIER5007", .message = std::move(message), .hint = std::move(hint)};
}

/// `--set name=value` wins over NAME, both over the config file.
Result<scaffold::AnswerValues> given_answers(const TemplateProject& project, const Arguments& arguments) {
  const auto& schema = project.schema();
  PIER_TRY_ASSIGN(auto values, project.config_file());
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

Result<Report> report_of(const TemplateProject& project) {
  const auto& answers = project.answers();
  const auto& files = project.tree().files;
  Report report{.json = Json::object({{"template", project.source().name},
                                      {"answers", Json(Json::Object(answers.begin(), answers.end()))}})};
  report.json["output_dir"] = project.output().lexically_normal().string();
  report.json["created"] = Json::strings(top_entries(project.tree()));
  report.json["files"] = Json::array();
  for (const auto& file : files) {
    report.json["files"].push_back(file.path);
  }
  PIER_TRY_ASSIGN(report.text, project.farewell());
  if (report.text.empty()) {
    report.text = "Created " + join(top_entries(project.tree()), ", ") + " (" + std::to_string(files.size()) +
                  (files.size() == 1 ? " file)." : " files).");
  }
  report.text += "\n";
  return report;
}

Result<Report> init(const Arguments& arguments, Context& context) {
  if (arguments.has("list")) {
    return list_templates();
  }
  if (!arguments.has("TEMPLATE")) {
    return usage("the template is missing", "pier init --list shows the built-in ones");
  }
  TemplateProject project(arguments, context, scaffold::Words::own);
  PIER_TRY(project.open({.name = arguments.get("TEMPLATE"),
                         .cwd = {},
                         .branch = arguments.get("branch"),
                         .folder = arguments.get("template-dir")}));
  PIER_TRY_ASSIGN(auto given, given_answers(project, arguments));
  const bool asks = context.console.is_interactive() && !arguments.has("config-file") && !arguments.has("NAME");
  if (asks) {
    PIER_TRY_ASSIGN(const auto welcome, project.welcome(given));
    if (!welcome.empty()) {
      context.console.status(welcome);
    }
  }
  PIER_TRY(project.render(std::move(given), asks));
  PIER_TRY(scaffold::write_tree(project.tree(), project.output()));
  return report_of(project);
}

} // namespace

CommandSpec init_command() {
  std::vector<OptionSpec> options = {
      {.name = "list", .help = "list the templates that have a name"},
      {.name = "set", .value = "PROPERTY=VALUE", .help = "answer a question of the template", .repeatable = true}};
  const auto shared = template_options();
  options.insert(options.end(), shared.begin(), shared.end());
  return {.name = "init",
          .summary = "Make a project from a template",
          .description = "Renders a template in the format of Databricks templates: one with a name (--list), a\n"
                         "folder, or one in a Git repository.\n"
                         "On a terminal it asks for what was not given; with NAME or --config-file, and in a pipe, it\n"
                         "takes the defaults. Existing files are never overwritten.",
          .options = std::move(options),
          .positionals = {{.name = "TEMPLATE", .help = "name of a template, folder or Git URL", .required = false},
                          {.name = "NAME", .help = "name of the project", .required = false}},
          .examples = {"pier init fullstack flightdesk",
                       "pier init streamlit board --set gold_table=main.gold.delayed_flights",
                       "pier init ../our-template --config-file answers.json"},
          .run = init};
}

} // namespace pier::cli

#include "cli/console.hpp"
#include "cli/template_project.hpp"
#include "core/base/text.hpp"
#include "core/scaffold/published_templates.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace pier::cli {
namespace {

constexpr std::string_view k_custom = "custom...";

Error refused(std::string message) {
  return Error{.kind = ErrorKind::usage, .code = "PIER5008", .message = std::move(message)};
}

/// The name that a person chooses; nothing for a template of their own.
Result<std::optional<std::string>> choose_template(Console& console) {
  if (!console.is_interactive()) {
    return refused("prompting is not supported. Please specify the path, name or URL of the template to use");
  }
  std::map<std::string, std::string> names; // by what is shown
  std::vector<std::string> choices;
  const auto offer = [&](std::string_view name, std::string_view summary) {
    choices.push_back(std::string(name) + ": " + std::string(summary));
    names.emplace(choices.back(), name);
  };
  for (const auto& known : scaffold::published_templates()) {
    if (!known.hidden) {
      offer(known.name, known.summary);
    }
  }
  for (const auto& known : scaffold::builtin_templates()) {
    offer(known.name, known.summary);
  }
  choices.emplace_back(k_custom);
  PIER_TRY_ASSIGN(const auto chosen, console.choose("Template to use", choices, {}));
  return chosen == k_custom ? std::optional<std::string>() : std::optional(names.at(chosen));
}

/// Git addresses that send everything in the clear.
Result<void> check_address(const std::string& name) {
  static constexpr std::array<std::string_view, 4> k_insecure = {"http://", "git://", "ftp://", "ftps://"};
  const bool insecure = std::any_of(k_insecure.begin(), k_insecure.end(),
                                    [&](std::string_view scheme) { return name.starts_with(scheme); });
  return insecure ? refused("unsupported protocol in Git URL " + Json(name).dump() +
                            ": only https://, ssh://, git@ URLs are supported")
                  : Result<void>();
}

bool is_repository(const std::string& name) {
  return name.starts_with("git@") || name.find("://") != std::string::npos;
}

Result<void> open_template(TemplateProject& project, const Arguments& arguments, const std::string& name) {
  PIER_TRY(check_address(name));
  scaffold::TemplateRequest request{.name = name, .cwd = {}};
  if (is_repository(name)) {
    request.branch = arguments.get("tag", arguments.get("branch"));
    request.folder = arguments.get("template-dir");
    request.official_words = true;
  } else if (scaffold::find_published(name) == nullptr) {
    // Whatever is no name is a folder.
    const auto builtin = scaffold::builtin_templates();
    const bool named =
        std::any_of(builtin.begin(), builtin.end(), [&](const auto& known) { return known.name == name; });
    request.name = named ? name : name + "/";
  }
  auto opened = project.open(std::move(request));
  if (!opened && !opened.error().hint.empty() && opened.error().code == "PIER0402") {
    auto error = opened.error();
    error.message += "\n\n" + error.hint;
    return error;
  }
  if (!opened && opened.error().code == "PIER5008" && opened.error().kind == ErrorKind::not_found) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER5008",
                 .message = "not a bundle template: expected to find a template schema file at "
                            "databricks_template_schema.json"};
  }
  return opened;
}

/// The file in the way that the official CLI meets first: it goes through the levels one after the other.
Result<void> check_free(const TemplateProject& project) {
  const auto taken = scaffold::files_in_the_way(project.tree(), project.output());
  const auto first = std::min_element(taken.begin(), taken.end(), [](const std::string& a, const std::string& b) {
    const auto depth = [](const std::string& path) { return std::count(path.begin(), path.end(), '/'); };
    return depth(a) != depth(b) ? depth(a) < depth(b) : a < b;
  });
  return first == taken.end()
             ? Result<void>()
             : Error{.kind = ErrorKind::already_exists,
                     .code = "PIER5010",
                     .message = "failed to initialize template, one or more files already exist: " + *first};
}

Result<void> make_project(TemplateProject& project, Console& console) {
  PIER_TRY_ASSIGN(auto given, project.config_file());
  PIER_TRY_ASSIGN(const auto welcome, project.welcome(given));
  if (!welcome.empty()) {
    console.status(welcome);
  }
  if (const auto rendered = project.render(std::move(given), console.is_interactive()); !rendered) {
    auto error = rendered.error();
    if (error.code == "PIER5005") {
      error.context.clear(); // the words of the template's author alone
    }
    return error;
  }
  PIER_TRY(check_free(project));
  PIER_TRY(scaffold::write_tree(project.tree(), project.output()));
  PIER_TRY_ASSIGN(const auto farewell, project.farewell());
  console.status(farewell.empty() ? "✨ Successfully initialized template" : farewell);
  return {};
}

Result<Report> init(const Arguments& arguments, Context& context) {
  if (arguments.has("tag") && arguments.has("branch")) {
    return refused("only one of --tag or --branch can be specified");
  }
  auto name = std::optional(arguments.get("TEMPLATE_PATH"));
  if (name->empty()) {
    PIER_TRY_ASSIGN(name, choose_template(context.console));
  }
  if (!name) {
    context.console.status("Please specify a path or Git repository to use a custom template.");
    context.console.status("See https://docs.databricks.com/en/dev-tools/bundles/templates.html to learn more about "
                           "custom templates.");
    return Report();
  }
  TemplateProject project(arguments, context, scaffold::Words::official);
  PIER_TRY(open_template(project, arguments, *name));
  PIER_TRY(make_project(project, context.console));
  Report report;
  if (arguments.get("output") == "json") {
    auto outputs = Json::array();
    for (const auto& file : project.tree().files) {
      outputs.push_back(file.path);
    }
    report.raw_stdout = Json::object({{"outputs", std::move(outputs)}}).dump(2, true) + "\n";
  }
  return report;
}

} // namespace

CommandSpec bundle_init_command() {
  auto options = template_options();
  options.push_back({.name = "tag", .value = "TAG", .help = "tag of the template's repository"});
  return {
      .name = "bundle init",
      .summary = "Make a project from a template, as `databricks bundle init` does",
      .description = "TEMPLATE_PATH is the name of a template (pier init --list), a folder, or the URL of a Git\n"
                     "repository. Templates that Databricks publishes are fetched from where they are published.\n"
                     "On a terminal it asks for what the config file does not answer.",
      .options = std::move(options),
      .positionals = {{.name = "TEMPLATE_PATH", .help = "name of a template, folder or Git URL", .required = false}},
      .examples = {"pier bundle init ../our-template --config-file answers.json --output-dir project",
                   "pier bundle init https://github.com/databricks/mlops-stacks"},
      .run = init};
}

} // namespace pier::cli

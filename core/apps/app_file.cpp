#include "core/apps/app_file.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

constexpr std::size_t k_max_app_file = 1UL << 20U;

Error bad_file(std::string message, const YAML::Mark& mark = YAML::Mark::null_mark()) {
  if (!mark.is_null()) {
    message = "app.yaml:" + std::to_string(mark.line + 1) + ": " + message;
  }
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Result<std::vector<std::string>> parse_command(const YAML::Node& node, std::vector<std::string>& warnings) {
  std::vector<std::string> command;
  if (node.IsScalar()) {
    for (const auto& word : split(node.Scalar(), ' ')) {
      if (!word.empty()) {
        command.push_back(word);
      }
    }
    warnings.push_back("app.yaml: command should be a list of arguments; no shell runs it");
    return command;
  }
  if (!node.IsSequence()) {
    return bad_file("command must be a list of arguments", node.Mark());
  }
  for (const auto& argument : node) {
    if (!argument.IsScalar()) {
      return bad_file("every argument of command must be a text", argument.Mark());
    }
    command.push_back(argument.Scalar());
  }
  return command;
}

Result<EnvEntry> parse_env_entry(const YAML::Node& node, std::vector<std::string>& warnings) {
  if (!node.IsMap() || !node["name"] || !node["name"].IsScalar()) {
    return bad_file("every entry of env needs a name", node.Mark());
  }
  EnvEntry entry{.name = node["name"].Scalar()};
  const auto value = node["value"];
  const auto camel = node["valueFrom"];
  const auto from = camel ? camel : node["value_from"];
  if (!camel && from) {
    warnings.push_back("app.yaml: env " + entry.name + ": app.yaml spells it valueFrom, not value_from");
  }
  if (static_cast<bool>(value) == static_cast<bool>(from)) {
    return bad_file("env " + entry.name + " needs exactly one of value and valueFrom", node.Mark());
  }
  const auto& given = value ? value : from;
  if (!given.IsScalar() && !given.IsNull()) {
    return bad_file("env " + entry.name + " must be a text", given.Mark());
  }
  (value ? entry.value : entry.value_from) = given.IsNull() ? "" : given.Scalar();
  if (from && entry.value_from.empty()) {
    return bad_file("env " + entry.name + ": valueFrom is empty", node.Mark());
  }
  return entry;
}

Result<AppFile> convert(const YAML::Node& root) {
  AppFile file;
  if (root.IsNull()) {
    return file;
  }
  if (!root.IsMap()) {
    return bad_file("app.yaml must be a mapping with command and env");
  }
  if (const auto command = root["command"]; command && !command.IsNull()) {
    PIER_TRY_ASSIGN(file.command, parse_command(command, file.warnings));
  }
  if (const auto env = root["env"]; env && !env.IsNull()) {
    if (!env.IsSequence()) {
      return bad_file("env must be a list", env.Mark());
    }
    for (const auto& item : env) {
      PIER_TRY_ASSIGN(auto entry, parse_env_entry(item, file.warnings));
      file.env.push_back(std::move(entry));
    }
  }
  return file;
}

std::string replace_port(const std::string& argument, const std::string& port) {
  constexpr std::string_view k_braced = "${DATABRICKS_APP_PORT";
  std::string text = argument;
  for (auto at = text.find(k_braced); at != std::string::npos; at = text.find(k_braced, at + port.size())) {
    const auto after = at + k_braced.size();
    const auto close = text.find('}', after);
    const bool plain = close == after;
    const bool with_default = text.compare(after, 2, ":-") == 0 && close != std::string::npos;
    if (!plain && !with_default) {
      break;
    }
    text.replace(at, close + 1 - at, port);
  }
  return replace_all(std::move(text), "$DATABRICKS_APP_PORT", port);
}

} // namespace

Result<AppFile> parse_app_file(std::string_view yaml) {
  try {
    return convert(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& problem) {
    return bad_file("not valid YAML: " + problem.msg, problem.mark);
  }
}

Result<AppFile> read_app_file(const fs::path& source) {
  for (const char* name : {"app.yml", "app.yaml"}) {
    std::error_code code;
    if (fs::is_regular_file(source / name, code)) {
      PIER_TRY_ASSIGN(const auto text, read_file(source / name, k_max_app_file));
      return parse_app_file(text);
    }
  }
  return AppFile{};
}

Result<void> override_app_file(AppFile& file, const Json& deployment) {
  if (auto command = deployment.get_strings("command"); !command.empty()) {
    file.command = std::move(command);
  }
  const Json* variables = deployment.find("env_vars");
  if (variables == nullptr || !variables->is_array() || variables->is_empty()) {
    return {};
  }
  file.env.clear();
  for (const auto& item : variables->as_array()) {
    EnvEntry entry{.name = item.get_string("name"),
                   .value = item.get_string("value"),
                   .value_from = item.get_string("value_from", item.get_string("valueFrom"))};
    if (entry.name.empty()) {
      return bad_file("every entry of env_vars needs a name");
    }
    file.env.push_back(std::move(entry));
  }
  return {};
}

Result<std::vector<std::string>> command_of(const AppFile& file, const fs::path& source) {
  if (!file.command.empty()) {
    return file.command;
  }
  std::error_code code;
  if (fs::is_regular_file(source / "package.json", code)) {
    return std::vector<std::string>{"npm", "run", "start"};
  }
  std::vector<std::string> programs;
  for (fs::directory_iterator it(source, code), end; !code && it != end; it.increment(code)) {
    if (it->path().extension() == ".py" && it->is_regular_file()) {
      programs.push_back(it->path().filename().string());
    }
  }
  if (programs.empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "nothing says how to run this app: no command in app.yaml, no package.json, no .py file",
                 .hint = "add a command to app.yaml: command: [\"python\", \"app.py\"]"};
  }
  return std::vector<std::string>{"python", *std::min_element(programs.begin(), programs.end())};
}

std::vector<std::string> substitute_port(std::vector<std::string> command, std::uint16_t port) {
  for (auto& argument : command) {
    argument = replace_port(argument, std::to_string(port));
  }
  return command;
}

} // namespace pier::apps

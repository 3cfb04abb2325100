#include "bundles/variables/sources.hpp"

#include "bundles/variables/json_fault.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <system_error>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

bool is_complex(const Value& variable) {
  return variable.text_of("type") == "complex";
}

bool has_value(const Value& variable, std::string_view field) {
  const Value* value = variable.find(field);
  return value != nullptr && !value->is_nil();
}

/// The flag takes a comma list with quotes as in CSV: `--var 'a=1,"b=x,y"'`.
std::vector<std::string> split_flag(const std::string& text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      parts.back() += '"';
      ++i;
    } else if (c == '"' && (quoted || parts.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<std::string> variable_names(const Value& config) {
  std::vector<std::string> names;
  if (const Value* variables = config.find("variables"); variables != nullptr && variables->is_map()) {
    for (const auto& entry : variables->as_map().entries()) {
      names.push_back(entry.key);
    }
  }
  return names;
}

void assign_flag(Loading& loading, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) {
    loading.error("PIER1045", "unexpected flag value for variable assignment: " + assignment, nullptr, {},
                  "write --var name=value");
    return;
  }
  const auto name = assignment.substr(0, equals);
  const auto text = assignment.substr(equals + 1);
  Value* variable = loading.config.find_path({"variables", name});
  if (variable == nullptr) {
    const auto best = nearest(name, variable_names(loading.config));
    loading.error("PIER1045", "variable " + name + " has not been defined", nullptr, {},
                  best.empty() ? "define it under 'variables'" : "did you mean '" + best + "'?");
    return;
  }
  if (is_complex(*variable)) {
    loading.error("PIER1045", "setting variables of complex type via --var flag is not supported: " + name,
                  loading.extra(variable), {}, "use .databricks/bundle/<target>/variable-overrides.json");
    return;
  }
  if (has_value(*variable, "value")) {
    loading.error("PIER1045",
                  "failed to assign " + text + " to " + name +
                      ": variable has already been assigned value: " + variable->text_of("value"),
                  loading.extra(variable), {}, "give each variable once");
    return;
  }
  variable->set("value", Value::text(text));
}

/// The override file of the target; nil when there is none or it is broken (reported).
Value read_overrides(Loading& loading) {
  const auto name = ".databricks/bundle/" + loading.target + "/variable-overrides.json";
  const auto path = loading.root / name;
  std::error_code code;
  if (loading.target.find('/') != std::string::npos || !fs::exists(path, code)) {
    return {};
  }
  const auto text = read_file(path);
  if (!text) {
    loading.error("PIER1047", "failed to read variables file: " + text.error().message);
    return {};
  }
  auto json = Json::parse(*text);
  if (json && json->is_object()) {
    return Value::from_json(*json);
  }
  Diagnostic problem;
  problem.code = "PIER1047";
  problem.summary = "failed to parse variables file " + path.string() + ": " +
                    (json ? "invalid format" : describe_json_fault(*text, path.string()));
  if (json || !loading.options.compatible) {
    problem.detail = "Variables file must be a JSON object with the following format:\n"
                     "{\"var1\": \"value1\", \"var2\": \"value2\"}";
  }
  if (!loading.options.compatible) {
    problem.spans = {SourceSpan{name}};
  }
  loading.diagnostics.add(std::move(problem));
  return {};
}

void assign_from_environment(Loading& loading, const std::string& name, Value& variable, const std::string& text) {
  if (is_complex(variable)) {
    loading.error("PIER1046",
                  "setting via environment variables (BUNDLE_VAR_" + name + ") is not supported for complex variable " +
                      name,
                  loading.extra(&variable), {}, "use .databricks/bundle/<target>/variable-overrides.json");
    return;
  }
  variable.set("value", Value::text(text));
}

void assign_override(Loading& loading, const std::string& name, Value& variable, const Value& value) {
  const bool structured = value.is_map() || value.is_list();
  if (is_complex(variable) != structured) {
    loading.error(
        "PIER1047",
        is_complex(variable)
            ? "variable " + name + " is of type complex, but the value in the variable file is not a complex type"
            : "variable " + name + " is not of type complex, but the value in the variable file is a complex type",
        loading.extra(&variable));
    return;
  }
  variable.set("value", value);
}

void report_missing(Loading& loading, const std::string& name, const Value& variable) {
  loading.error("PIER1040",
                "no value assigned to required variable " + name +
                    ". Variables are usually assigned in databricks.yml, and they can be overridden using \"--var\", "
                    "the BUNDLE_VAR_" +
                    name + " environment variable, or .databricks/bundle/<target>/variable-overrides.json",
                loading.extra(&variable), loading.options.compatible ? "" : "variables." + name,
                "give it a default, or pass --var " + name + "=…");
}

void assign(Loading& loading, const std::string& name, Value& variable, const Value& overrides) {
  if (has_value(variable, "value")) {
    return;
  }
  // Unset and set to nothing differ here, so the map is asked.
  const auto& environment = loading.options.env.all();
  if (const auto it = environment.find("BUNDLE_VAR_" + name); it != environment.end()) {
    assign_from_environment(loading, name, variable, it->second);
    return;
  }
  if (has_value(variable, "lookup")) {
    return;
  }
  if (const Value* value = overrides.find(name); value != nullptr && !value->is_nil()) {
    assign_override(loading, name, variable, *value);
    return;
  }
  if (has_value(variable, "default")) {
    Value value = *variable.find("default");
    variable.set("value", std::move(value));
    return;
  }
  report_missing(loading, name, variable);
}

} // namespace

void assign_command_line_variables(Loading& loading) {
  for (const auto& flag : loading.options.vars) {
    for (const auto& assignment : split_flag(flag)) {
      assign_flag(loading, assignment);
      if (loading.options.compatible && loading.diagnostics.has_errors()) {
        return;
      }
    }
  }
}

void assign_variables(Loading& loading) {
  Value* variables = loading.config.find("variables");
  const Value overrides = read_overrides(loading);
  if (loading.options.compatible && loading.diagnostics.has_errors()) {
    return;
  }
  if (variables == nullptr || !variables->is_map()) {
    return;
  }
  const Value before = loading.options.compatible ? *variables : Value();
  for (auto& entry : variables->as_map().entries()) {
    if (entry.value.is_map()) {
      assign(loading, entry.key, entry.value, overrides);
    } else {
      report_missing(loading, entry.key, entry.value);
    }
    if (loading.options.compatible && loading.diagnostics.has_errors()) {
      *variables = before;
      return;
    }
  }
}

bool is_open_lookup(const Value& variable) {
  return variable.is_map() && has_value(variable, "lookup") && !has_value(variable, "value");
}

void resolve_lookups(Loading& loading) {
  Value* variables = loading.config.find("variables");
  if (variables == nullptr || !variables->is_map()) {
    return;
  }
  for (auto& entry : variables->as_map().entries()) {
    if (loading.options.compatible && loading.diagnostics.has_errors()) {
      return;
    }
    if (!is_open_lookup(entry.value)) {
      continue;
    }
    std::vector<std::pair<std::string, std::string>> wanted;
    const Value* lookup = entry.value.find("lookup");
    if (lookup->is_map()) {
      for (const auto& kind : lookup->as_map().entries()) {
        if (kind.value.is_text() && !kind.value.as_text().empty()) {
          wanted.emplace_back(kind.key, kind.value.as_text());
        }
      }
    }
    if (wanted.size() != 1) {
      loading.error("PIER1048",
                    std::string("failed to resolve , err: ") + (wanted.empty()
                                                                    ? "no valid lookup fields provided"
                                                                    : "exactly one lookup field must be provided"),
                    loading.extra(lookup), {}, "write one kind and a name: 'lookup: {warehouse: NAME}'");
      continue;
    }
    const auto& [kind, name] = wanted.front();
    if (!loading.options.look_up || !loading.user_known) {
      loading.report(Severity::recommendation, "PIER1049",
                     "variable " + entry.key + " is looked up in the workspace, so its value is not known here", lookup,
                     "variables." + entry.key);
      continue;
    }
    auto id = loading.options.look_up(kind, name);
    if (!id) {
      auto error = std::move(id.error())
                       .with_context("failed to resolve " + replace_all(kind, "_", "-") + ": " + name + ", err");
      error.code = "PIER1048";
      loading.failed(error, loading.extra(lookup));
      continue;
    }
    entry.value.set("value", Value::text(*id));
  }
}

} // namespace pier::bundles

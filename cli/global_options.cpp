#include "cli/global_options.hpp"

#include "cli/console.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::cli {
namespace {

/// The value of an option, else that of its variable, which counts only if the option could have it.
std::string setting(const Arguments& arguments, const Environment& env, std::string_view option,
                    std::string_view variable) {
  if (arguments.has(option)) {
    return arguments.get(option);
  }
  auto value = env.get(variable).value_or("");
  const auto globals = global_options();
  const auto spec =
      std::find_if(globals.begin(), globals.end(), [&](const OptionSpec& one) { return one.name == option; });
  if (spec->choices.empty()) {
    return value;
  }
  value = to_lower(value);
  const auto known = std::find(spec->choices.begin(), spec->choices.end(), value);
  return known == spec->choices.end() ? std::string() : value;
}

Result<void> start_log(const Arguments& arguments, Context& context) {
  auto level = setting(arguments, context.env, "log-level", "DATABRICKS_LOG_LEVEL");
  if (arguments.has("debug")) {
    level = "debug";
  }
  const auto file = setting(arguments, context.env, "log-file", "DATABRICKS_LOG_FILE");
  const auto format = setting(arguments, context.env, "log-format", "DATABRICKS_LOG_FORMAT");
  const bool elsewhere = (!file.empty() && file != "stderr") || format == "json";
  if (elsewhere || level == "error" || level == "disabled") {
    context.console.log_remarks();
  }
  if (level.empty()) {
    level = elsewhere ? "warn" : context.env.get("PIER_LOG").value_or("");
  }
  return level.empty() ? Result<void>() : log::configure({.level = level, .file = file, .as_json = format == "json"});
}

} // namespace

std::span<const OptionSpec> global_options() {
  static const std::vector<OptionSpec> options = {
      {.name = "output", .short_name = 'o', .value = "FORMAT", .help = "text or json", .choices = {"text", "json"}},
      {.name = "target", .short_name = 't', .value = "TARGET", .help = "target of the bundle"},
      {.name = "environment", .short_name = 'e', .value = "TARGET", .help = "older name of --target", .hidden = true},
      {.name = "profile", .short_name = 'p', .value = "PROFILE", .help = "profile in ~/.databrickscfg"},
      {.name = "var", .value = "NAME=VALUE", .help = "set a variable of the bundle", .repeatable = true},
      {.name = "local", .help = "use the local workspace"},
      {.name = "debug", .help = "log to stderr"},
      {.name = "log-level",
       .value = "LEVEL",
       .help = "how much is logged",
       .hidden = true,
       .choices = {"trace", "debug", "info", "warn", "error", "disabled"}},
      {.name = "log-file", .value = "FILE", .help = "where to: a file, stderr or stdout", .hidden = true},
      {.name = "log-format", .value = "FORMAT", .help = "text or json", .hidden = true, .choices = {"text", "json"}},
      {.name = "progress-format", .value = "FORMAT", .help = "taken and of no use any more", .hidden = true},
      {.name = "help", .short_name = 'h', .help = "show help"},
  };
  return options;
}

Result<void> apply_global_options(Arguments& arguments, Context& context) {
  PIER_TRY(start_log(arguments, context));
  if (arguments.has("environment")) {
    context.console.status("Flag --environment has been deprecated, use --target flag instead");
  }
  if (arguments.has("progress-format")) {
    context.console.status("Flag --progress-format has been deprecated, this flag is no longer functional");
  }
  if (const auto format = setting(arguments, context.env, "output", "DATABRICKS_OUTPUT_FORMAT"); !format.empty()) {
    arguments.set_default("output", format);
  }
  return {};
}

} // namespace pier::cli

#include "cli/app_target.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

/// $BROWSER, else what the desktop opens addresses with; nothing on a machine without either.
std::optional<std::filesystem::path> find_browser(const Environment& env) {
  if (const auto named = env.get("BROWSER")) {
    return find_program(*named, env);
  }
  if (!env.has("DISPLAY") && !env.has("WAYLAND_DISPLAY")) {
    return std::nullopt;
  }
  return find_program("xdg-open", env);
}

/// The local workspace signs the browser in by a one-time link; Databricks asks by itself.
Result<std::string> address_of(AppTarget& app, const std::string& user) {
  if (!app.is_local() && !app.client().is_loopback()) {
    if (!user.empty()) {
      return Error{.kind = ErrorKind::usage,
                   .code = "PIER0001",
                   .message = "--user works in the local workspace only",
                   .hint = "sign in as that user in the browser"};
    }
    return app.url;
  }
  Json body = Json::object();
  if (!user.empty()) {
    body["user"] = user;
  }
  PIER_TRY_ASSIGN(const auto answer, app.client().post("/api/2.0/pier/apps/" +
                                                           workspace_client::encode_segment(app.name) + "/sign-in-link",
                                                       std::move(body)));
  return answer.get_string("url");
}

Result<Report> open_app(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(const auto app, find_app(arguments, context, report));
  if (!app) {
    return report;
  }
  PIER_TRY_ASSIGN(const auto address, address_of(*app, arguments.get("user")));
  report.json = Json::object({{"app", app->name}, {"url", app->url}, {"open", address}});
  const auto browser = arguments.has("print") ? std::nullopt : find_browser(context.env);
  if (!browser) {
    report.text = address + "\n";
    return report;
  }
  PIER_TRY_ASSIGN(auto process, Process::start({.argv = {browser->string(), address},
                                                .standard_output = Command::Stream::null,
                                                .standard_error = Command::Stream::null,
                                                .new_process_group = true}));
  process.release(); // the browser lives on
  context.console.status("opened " + app->url);
  return report;
}

/// "90", "90s", "15m", "1h", "never"
Result<std::int64_t> parse_idle(const std::string& text) {
  if (text == "never") {
    return std::int64_t{0};
  }
  std::string_view digits = text;
  std::int64_t unit = 1;
  if (!digits.empty() && std::string_view("smh").find(digits.back()) != std::string_view::npos) {
    unit = digits.back() == 'h' ? 3600 : digits.back() == 'm' ? 60 : 1;
    digits.remove_suffix(1);
  }
  std::int64_t number = 0;
  if (!parse_int64(digits, number) || number < 0 || number > 1'000'000) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0001",
                 .message = "'" + text + "' is no time",
                 .hint = "write 90s, 15m, 1h or never"};
  }
  return number * unit;
}

Result<Report> set_idle(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto seconds, parse_idle(arguments.get("TIME")));
  Arguments::Map local = {{"local", {""}}};
  PIER_TRY_ASSIGN(const auto workspace, open_workspace(Arguments(local), context));
  const auto app = arguments.get("app");
  const auto path = app.empty() ? "/api/2.0/pier/app-settings"
                                : "/api/2.0/pier/apps/" + workspace_client::encode_segment(app) + "/settings";
  PIER_TRY(workspace.client->patch(path, Json::object({{"idle_timeout", std::to_string(seconds) + "s"}})));
  const auto whom = app.empty() ? std::string("apps") : app;
  return Report{.text = seconds == 0 ? whom + (app.empty() ? " never sleep\n" : " never sleeps\n")
                                     : whom + (app.empty() ? " sleep" : " sleeps") + " after " +
                                           humanize(std::chrono::seconds(seconds)) + " without use\n",
                .json = Json::object({{"app", app}, {"idle_seconds", seconds}})};
}

} // namespace

CommandSpec open_command() {
  return {.name = "open",
          .summary = "Open an app in the browser, signed in",
          .description = "In the local workspace the link signs the browser in once; it is good for five minutes.\n"
                         "Without a browser (or with --print) the link is printed.",
          .options = {{.name = "print", .help = "print the link instead of opening it"},
                      {.name = "user", .value = "NAME", .help = "sign in as somebody else (local, admins)"}},
          .positionals = {{.name = "APP", .help = "name of an app, or its key in the bundle"}},
          .examples = {"pier open shop", "pier open shop --print --user eve@example.com"},
          .run = open_app};
}

CommandSpec local_idle_command() {
  return {.name = "local idle",
          .summary = "Set after which time without use apps sleep",
          .description = "A sleeping app has no process; the next request starts it. The default is 15 minutes.",
          .options = {{.name = "app", .value = "APP", .help = "only this app (default: all that have no own time)"}},
          .positionals = {{.name = "TIME", .help = "90s, 15m, 1h or never"}},
          .examples = {"pier local idle 30m", "pier local idle --app shop never"},
          .run = set_idle};
}

} // namespace pier::cli

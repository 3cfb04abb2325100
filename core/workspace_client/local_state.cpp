#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/local_workspace.hpp"

#include <unistd.h>

#include <system_error>

namespace fs = std::filesystem;

namespace pier::workspace_client {
namespace {

Result<fs::path> home_of(const Environment& env) {
  if (const auto chosen = env.get("PIER_HOME")) {
    std::error_code code;
    auto absolute = fs::absolute(*chosen, code);
    if (code) {
      return error_from_errno(code.value(), "cannot use PIER_HOME " + *chosen);
    }
    return absolute.lexically_normal();
  }
  // PostgreSQL refuses root and its user cannot enter /root.
  if (::geteuid() == 0) {
    return fs::path("/var/lib/pier");
  }
  if (const auto home = env.get("HOME")) {
    return fs::path(*home) / ".local" / "share" / "pier";
  }
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER3006",
               .message = "there is no folder for the local workspace: HOME is not set",
               .hint = "set PIER_HOME to a folder of yours"};
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name.front() != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
             std::string_view::npos;
}

} // namespace

Result<LocalPaths> local_paths(const Environment& env) {
  LocalPaths paths;
  PIER_TRY_ASSIGN(paths.home, home_of(env));
  paths.name = env.get("PIER_WORKSPACE").value_or("default");
  if (!is_name(paths.name)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER3006",
                 .message = "'" + paths.name + "' cannot be the name of a workspace",
                 .hint = "set PIER_WORKSPACE to letters, digits, - and _"};
  }
  paths.folder = paths.home / "workspaces" / paths.name;
  return paths;
}

Json DaemonState::to_json() const {
  return Json::object({{"name", name},
                       {"pid", std::int64_t{pid}},
                       {"start_ticks", static_cast<std::int64_t>(start_ticks)},
                       {"port", std::int64_t{port}},
                       {"url", url},
                       {"version", version},
                       {"started_at", started_at}});
}

Result<DaemonState> DaemonState::parse(std::string_view text) {
  PIER_TRY_ASSIGN(const auto json, Json::parse(text));
  DaemonState state;
  state.name = json.get_string("name");
  state.pid = static_cast<pid_t>(json.get_integer("pid"));
  state.start_ticks = static_cast<std::uint64_t>(json.get_integer("start_ticks"));
  state.port = static_cast<std::uint16_t>(json.get_integer("port"));
  state.url = json.get_string("url");
  state.version = json.get_string("version");
  state.started_at = json.get_string("started_at");
  if (state.pid <= 0 || state.url.empty()) {
    return Error{.kind = ErrorKind::io, .code = "PIER3008", .message = "the state of the local workspace is broken"};
  }
  return state;
}

std::optional<std::uint64_t> process_start_ticks(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) {
    return std::nullopt;
  }
  // The name in parentheses may contain anything; what counts comes after the last one.
  const auto after = text->rfind(')');
  if (after == std::string::npos) {
    return std::nullopt;
  }
  const auto fields = split(trim(std::string_view(*text).substr(after + 1)), ' ');
  std::int64_t ticks = 0;
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X" || !parse_int64(fields[19], ticks)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(ticks);
}

Result<std::optional<LocalWorkspace>> find_local(const LocalPaths& paths) {
  const auto text = read_file(paths.state_file());
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) {
      return std::optional<LocalWorkspace>();
    }
    return text.error();
  }
  auto state = DaemonState::parse(*text);
  if (!state || process_start_ticks(state->pid) != state->start_ticks) {
    return std::optional<LocalWorkspace>(); // left behind by a daemon that was killed
  }
  PIER_TRY_ASSIGN(const auto token, read_file(paths.token_file()));
  LocalWorkspace workspace;
  workspace.url = state->url;
  workspace.state = std::move(state).value();
  workspace.token = Secret(std::string(trim(token)));
  workspace.paths = paths;
  return std::optional<LocalWorkspace>(std::move(workspace));
}

} // namespace pier::workspace_client

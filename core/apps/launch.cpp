#include "core/apps/launch.hpp"

#include "core/base/process.hpp"
#include "core/base/text.hpp"

#include <array>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

/// What apps may inherit: where programs are, language, proxies and trust. No credentials.
constexpr std::array<std::string_view, 12> k_inherited = {
    "LANG",        "TZ",       "HTTP_PROXY",    "HTTPS_PROXY",  "NO_PROXY",           "http_proxy",
    "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"};

void add_inherited(const LaunchInputs& inputs, Variables& env) {
  for (const auto name : k_inherited) {
    if (const auto value = inputs.options.env.get(name)) {
      env.emplace(name, *value);
    }
  }
  std::string path = join(inputs.built.path, ":");
  path += (path.empty() ? "" : ":") + inputs.options.env.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  env["PATH"] = path;
  env["HOME"] = inputs.home.string();
  env["TMPDIR"] = (inputs.home / "tmp").string();
  if (!inputs.built.virtual_env.empty()) {
    env["VIRTUAL_ENV"] = inputs.built.virtual_env;
  }
}

void add_platform(const LaunchInputs& inputs, Variables& env) {
  const auto port = std::to_string(inputs.port);
  env["DATABRICKS_APP_NAME"] = inputs.app.name;
  env["DATABRICKS_APP_PORT"] = port;
  env["DATABRICKS_APP_URL"] = "http://127.0.0.1:" + std::to_string(inputs.app.port);
  env["DATABRICKS_HOST"] = inputs.workspace.url;
  env["DATABRICKS_WORKSPACE_ID"] = std::to_string(inputs.workspace.workspace_id);
  env["DATABRICKS_CLIENT_ID"] = inputs.app.service_principal.name;
  env["DATABRICKS_CLIENT_SECRET"] = inputs.client_secret.reveal();
  env["PYTHONUNBUFFERED"] = "1";
  // For frameworks whose templates give no port. Loopback: only the gateway may reach the app.
  const std::string host = "127.0.0.1";
  env["PORT"] = port;
  env["UVICORN_HOST"] = host;
  env["UVICORN_PORT"] = port;
  env["FLASK_RUN_HOST"] = host;
  env["FLASK_RUN_PORT"] = port;
  env["GRADIO_SERVER_NAME"] = host;
  env["GRADIO_SERVER_PORT"] = port;
  env["GRADIO_ANALYTICS_ENABLED"] = "false";
  env["STREAMLIT_SERVER_ADDRESS"] = host;
  env["STREAMLIT_SERVER_PORT"] = port;
  env["STREAMLIT_SERVER_HEADLESS"] = "true";
  env["STREAMLIT_SERVER_ENABLE_CORS"] = "false";
  env["STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION"] = "false";
  env["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false";
}

void add_database(const LaunchInputs& inputs, Variables& env) {
  if (!inputs.resources.database) {
    return;
  }
  const auto& database = *inputs.resources.database;
  env["PGHOST"] = database.host;
  env["PGPORT"] = std::to_string(database.port);
  env["PGDATABASE"] = database.database;
  env["PGUSER"] = inputs.app.service_principal.name;
  env["PGSSLMODE"] = "require";
  env["PGAPPNAME"] = inputs.app.name;
  if (!database.endpoint.empty()) {
    env["LAKEBASE_ENDPOINT"] = database.endpoint;
  }
  // Node's Lakebase client verifies the certificate also with `require`.
  if (!database.ca_file.empty()) {
    env.try_emplace("NODE_EXTRA_CA_CERTS", database.ca_file.string());
  }
}

Result<void> add_author_entries(const LaunchInputs& inputs, Variables& env) {
  for (const auto& entry : inputs.file.env) {
    if (entry.value_from.empty()) {
      env[entry.name] = entry.value;
      continue;
    }
    const auto found = inputs.resources.values.find(entry.value_from);
    if (found == inputs.resources.values.end()) {
      std::vector<std::string> keys;
      for (const auto& [key, value] : inputs.resources.values) {
        keys.push_back(key);
      }
      const auto near = nearest(entry.value_from, keys);
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "env " + entry.name + ": the app has no resource named " + entry.value_from +
                              (near.empty() ? "" : "; did you mean " + near + "?"),
                   .hint = "add it to the app's resources"};
    }
    env[entry.name] = found->second;
  }
  return {};
}

} // namespace

Result<Variables> app_environment(const LaunchInputs& inputs) {
  Variables env;
  add_inherited(inputs, env);
  add_platform(inputs, env);
  add_database(inputs, env);
  PIER_TRY(add_author_entries(inputs, env));
  if (!inputs.options.ports_library.empty()) {
    env["LD_PRELOAD"] = inputs.options.ports_library.string();
    env["PIER_PORT_MAP"] = "8000:" + std::to_string(inputs.port);
  }
  return env;
}

Result<GuardSpec> launch_spec(const LaunchInputs& inputs) {
  PIER_TRY_ASSIGN(auto env, app_environment(inputs));
  auto argv = substitute_port(inputs.built.command, inputs.port);
  Environment lookup(Environment::Map(env.begin(), env.end()));
  auto program = find_program(argv.front(), lookup);
  if (argv.front().find('/') != std::string::npos && argv.front().front() != '/') {
    program = find_program((inputs.source / argv.front()).string(), lookup);
  }
  if (!program) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "the command starts " + argv.front() + ", which is not installed",
                 .hint = "add the package that brings it to requirements.txt or package.json"};
  }
  argv.front() = program->string();
  auto readable = inputs.built.readable;
  if (inputs.resources.database && !inputs.resources.database->ca_file.empty()) {
    readable.push_back(inputs.resources.database->ca_file.string());
  }
  if (!inputs.options.ports_library.empty()) {
    readable.push_back(inputs.options.ports_library.string());
  }
  return GuardSpec{.argv = std::move(argv),
                   .env = std::move(env),
                   .cwd = inputs.source.string(),
                   .log_file = inputs.log_file.string(),
                   .stop_grace = inputs.options.timings.stop_grace,
                   .hidden = {inputs.options.state_folder.string()},
                   .readable = std::move(readable),
                   .writable = {inputs.source.string(), inputs.home.string()},
                   .writes_anywhere = false};
}

} // namespace pier::apps

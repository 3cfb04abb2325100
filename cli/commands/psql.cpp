#include "cli/become.hpp"
#include "cli/command.hpp"
#include "cli/session.hpp"
#include "core/base/digest.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

using workspace_client::RestClient;

/// The one that is named, or the only one there is.
Result<Json> find_instance(RestClient& client, const std::string& name) {
  PIER_TRY_ASSIGN(const auto all, client.list("/api/2.0/database/instances", "database_instances"));
  std::vector<std::string> names;
  for (const auto& instance : all) {
    names.push_back(instance.get_string("name"));
    if (names.back() == name || (name.empty() && all.size() == 1)) {
      return instance;
    }
  }
  if (name.empty()) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0001",
                 .message = names.empty() ? "there is no database instance in this workspace"
                                          : "say which database instance: " + join(names, ", "),
                 .hint = names.empty() ? "deploy a bundle that has one: pier deploy" : "pier psql " + names.front()};
  }
  const auto near = nearest(name, names);
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER0001",
               .message = "there is no database instance " + name + " in this workspace",
               .hint = !near.empty()   ? "did you mean " + near + "?"
                       : names.empty() ? ""
                                       : "there are: " + join(names, ", ")};
}

/// Where to and as whom, for libpq. The token goes by the environment: argv is for everybody to see.
Result<Environment> connection_environment(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto workspace, open_workspace(arguments, context));
  auto& client = *workspace.client;
  PIER_TRY_ASSIGN(const auto instance, find_instance(client, arguments.get("INSTANCE")));
  const auto name = instance.get_string("name");
  PIER_TRY_ASSIGN(const auto user, workspace_client::current_user(client));
  Json request = Json::object({{"request_id", random_uuid()}});
  request["instance_names"] = Json::array({Json(name)});
  PIER_TRY_ASSIGN(const auto credential, client.post("/api/2.0/database/credentials", std::move(request)));
  Environment env = context.env;
  env.set("PGHOST", instance.get_string("read_write_dns"));
  env.set("PGPORT", std::to_string(instance.get_integer("read_write_port", 5432)));
  env.set("PGUSER", user.user_name);
  env.set("PGDATABASE", arguments.get("database", "databricks_postgres"));
  env.set("PGSSLMODE", "require");
  env.set("PGPASSWORD", credential.get_string("token"));
  return env;
}

Result<Report> psql(const Arguments& arguments, Context& context) {
  const auto program = find_program("psql", context.env);
  if (!program) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER0110",
                 .message = "psql is not installed",
                 .hint = "apt-get install postgresql-client"};
  }
  PIER_TRY_ASSIGN(const auto env, connection_environment(arguments, context));
  std::vector<std::string> words;
  for (const auto& command : arguments.all("command")) {
    words.insert(words.end(), {"-c", command});
  }
  const auto files = arguments.all("file");
  for (const auto& file : files) {
    words.insert(words.end(), {"-f", file});
  }
  return become(*program, words, env);
}

} // namespace

CommandSpec psql_command() {
  return {
      .name = "psql",
      .summary = "Open psql on a Lakebase database",
      .description = "Asks the workspace for a fresh token, which is good for one hour and goes to psql by its\n"
                     "environment, and connects over TLS. A sleeping instance wakes. INSTANCE may be left out when\n"
                     "the workspace has only one.",
      .options =
          {{.name = "database", .short_name = 'd', .value = "NAME", .help = "default: databricks_postgres"},
           {.name = "command", .short_name = 'c', .value = "SQL", .help = "run this and end", .repeatable = true},
           {.name = "file", .short_name = 'f', .value = "FILE", .help = "run this file and end", .repeatable = true}},
      .positionals = {{.name = "INSTANCE", .help = "name of the database instance", .required = false}},
      .examples = {"pier psql", "pier psql shop -d orders", "pier psql shop -c 'SELECT count(*) FROM gold.delays'"},
      .run = psql};
}

} // namespace pier::cli

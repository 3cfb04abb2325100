#include "apps_fixture.hpp"

#include "core/base/text.hpp"

#include <sys/syscall.h>

#include <csignal>
#include <fstream>

using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

const std::string k_system_python = "command: [/usr/bin/env, python3, main.py]\n";

Json body_json(const std::string& response) {
  auto json = Json::parse(body_of(response));
  INFO(response);
  REQUIRE(json);
  return *json;
}

TEST_CASE_FIXTURE(AppsFixture,
                  "apps: an app is made with service principal, address and rights, and removed with them") {
  start();
  const auto app = create("shop", *Json::parse(R"({"description":"sells","user_api_scopes":["sql"]})"));
  CHECK(app.get_string("description") == "sells");
  CHECK(app.find_path({"compute_status", "state"})->as_string() == "ACTIVE");
  CHECK(app.find_path({"app_status", "state"})->as_string() == "UNAVAILABLE");
  CHECK(app.get_string("service_principal_client_id").size() == 36);
  CHECK(app.get_strings("effective_user_api_scopes").size() == 3);
  CHECK(apps->create(owner, *Json::parse(R"({"name":"shop"})"), false).error().kind == ErrorKind::already_exists);
  CHECK(apps->create(owner, *Json::parse(R"({"name":"Shop"})"), false).error().kind == ErrorKind::invalid_argument);
  CHECK(apps->create(owner, *Json::parse(R"({"name":"x2","colour":1})"), false).error().message.find("colour") !=
        std::string::npos);

  const auto eve = identity->create_user("eve@example.test", "Eve");
  REQUIRE(eve);
  const auto stranger = *identity->caller_of(eve->id);
  CHECK(apps->get(stranger, "shop").error().kind == ErrorKind::permission_denied);
  CHECK(apps->list(stranger, 0, "")->items.empty());
  REQUIRE(permissions->merge({"apps", "shop"}, {{.principal = "eve@example.test", .level = "CAN_USE"}}));
  CHECK(apps->get(stranger, "shop"));
  CHECK(apps->stop_app(stranger, "shop").error().kind == ErrorKind::permission_denied);
  CHECK(apps->sign_in_link(stranger, "shop", ""));
  CHECK(apps->sign_in_link(stranger, "shop", "ada@example.test").error().kind == ErrorKind::permission_denied);

  const auto deleted = apps->remove(owner, "shop");
  REQUIRE(deleted);
  CHECK(deleted->find_path({"compute_status", "state"})->as_string() == "DELETING");
  for (int i = 0; i < 500 && apps->get(owner, "shop"); ++i) {
    ::poll(nullptr, 0, 10);
  }
  CHECK(apps->get(owner, "shop").error().kind == ErrorKind::not_found);
  CHECK_FALSE(identity->caller_named(app.get_string("service_principal_client_id")));
  create("shop");
}

TEST_CASE_FIXTURE(AppsFixture, "apps: update_mask replaces only what it names") {
  start();
  create("shop", *Json::parse(R"({"description":"one","user_api_scopes":["sql"]})"));
  REQUIRE(
      apps->create_update(owner, "shop", *Json::parse(R"({"app":{"description":"two"},"update_mask":"description"})")));
  const auto update = apps->get_update(owner, "shop");
  REQUIRE(update);
  CHECK(update->find_path({"status", "state"})->as_string() == "SUCCEEDED");
  CHECK(get("shop").get_string("description") == "two");
  CHECK(get("shop").get_strings("user_api_scopes") == std::vector<std::string>{"sql"});
  CHECK(apps->create_update(owner, "shop", *Json::parse(R"({"app":{},"update_mask":"url"})")).error().kind ==
        ErrorKind::invalid_argument);
  REQUIRE(apps->patch(owner, "shop", *Json::parse(R"({"description":"three"})")));
  CHECK(get("shop").get_strings("user_api_scopes").empty());
}

TEST_CASE_FIXTURE(AppsFixture, "apps: a deployment runs the program with the platform's environment") {
  start();
  const auto app = create("shop", *Json::parse(R"({"user_api_scopes":["sql"]})"));
  upload("shop", {{"app.yaml", k_system_python + "env: [{name: GREETING, value: hi}, {name: PORT, value: '9'}]\n"},
                  {"main.py", k_python_app}});
  const auto deployment = deploy("shop");
  INFO(log_of("shop", deployment));
  REQUIRE(status(deployment) == "SUCCEEDED");
  CHECK(state_of("shop") == "RUNNING");
  CHECK(get("shop").find_path({"active_deployment", "deployment_id"})->as_string() ==
        deployment.get_string("deployment_id"));
  const auto said = body_json(ask(app, "/api/x"));
  const Json& env = *said.find("env");
  CHECK(env.get_string("DATABRICKS_APP_NAME") == "shop");
  CHECK(env.get_string("DATABRICKS_HOST") == "http://127.0.0.1:1");
  CHECK(env.get_string("DATABRICKS_WORKSPACE_ID") == "42");
  CHECK(env.get_string("DATABRICKS_APP_URL") == app.get_string("url"));
  CHECK(env.get_string("DATABRICKS_CLIENT_ID") == app.get_string("service_principal_client_id"));
  CHECK(
      identity->client_credentials(env.get_string("DATABRICKS_CLIENT_ID"), env.get_string("DATABRICKS_CLIENT_SECRET")));
  CHECK(env.get_string("GREETING") == "hi");
  CHECK(env.get_string("PORT") == "9");
  CHECK(env.get_string("STREAMLIT_SERVER_HEADLESS") == "true");
  for (const auto& [name, value] : env.as_object()) {
    INFO(name);
    CHECK_FALSE((name == "DATABRICKS_TOKEN" || name.starts_with("AWS_")));
  }
  const Json& headers = *said.find("headers");
  CHECK(headers.get_string("X-Forwarded-Email") == "ada@example.test");
  const auto user = identity->authenticate(headers.get_string("X-Forwarded-Access-Token"));
  REQUIRE(user);
  CHECK(user->principal.name == "ada@example.test");
  CHECK(user->scopes.size() == 3);
  CHECK(log_of("shop", deployment).find("APP: hello from the app") != std::string::npos);
}

TEST_CASE_FIXTURE(AppsFixture, "apps: a failed deployment leaves the earlier one serving, a good one takes over") {
  start();
  const auto app = create("shop");
  upload("shop", {{"app.yaml", k_system_python}, {"main.py", k_python_app}});
  const auto first = deploy("shop");
  REQUIRE(status(first) == "SUCCEEDED");
  upload("shop", {{"main.py", "print('no luck')\nraise SystemExit(7)\n"}});
  const auto second = deploy("shop");
  CHECK(status(second) == "FAILED");
  CHECK(message(second).find("exit code 7") != std::string::npos);
  CHECK(state_of("shop") == "RUNNING");
  CHECK(get("shop").find_path({"active_deployment", "deployment_id"})->as_string() ==
        first.get_string("deployment_id"));
  CHECK_FALSE(get("shop").contains("pending_deployment"));
  CHECK(body_json(ask(app, "/api/x")).get_integer("version") == 1);
  upload("shop", {{"main.py", replace_all(k_python_app, "VERSION = 1", "VERSION = 3")}});
  CHECK(status(deploy("shop")) == "SUCCEEDED");
  CHECK(body_json(ask(app, "/api/x")).get_integer("version") == 3);
  const auto all = apps->deployments(owner, "shop", 2, "");
  REQUIRE(all);
  CHECK(all->items.size() == 2);
  CHECK(all->next_page_token == "2");
}

TEST_CASE_FIXTURE(AppsFixture, "apps: a crash at start, a wrong port and a missing command each say so") {
  start();
  const auto app = create("shop");
  upload("shop", {{"app.yaml", k_system_python}, {"main.py", "raise RuntimeError('no database')\n"}});
  const auto crashed = deploy("shop");
  CHECK(status(crashed) == "FAILED");
  CHECK(state_of("shop") == "CRASHED");
  auto page = ask(app, "/api/x");
  CHECK(status_of(page) == 502);
  CHECK(page.find("APP_CRASHED") != std::string::npos);
  CHECK(page.find("no database") != std::string::npos);

  upload("shop", {{"main.py", "import socket, time\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\n"
                              "print(s.getsockname()[1], flush=True)\ntime.sleep(100)\n"}});
  const auto wrong = deploy("shop");
  CHECK(status(wrong) == "FAILED");
  const auto log = log_of("shop", wrong);
  const auto port = log.substr(log.find("APP: ") + 5, log.find('\n', log.find("APP: ")) - log.find("APP: ") - 5);
  INFO(message(wrong));
  CHECK(message(wrong).find("the app listens on port " + port + ", not on $DATABRICKS_APP_PORT (") == 0);
  CHECK(ask(app, "/api/x").find("APP_WRONG_PORT") != std::string::npos);

  upload("shop", {{"app.yaml", "command: [no-such-program]\n"}});
  CHECK(message(deploy("shop")).find("no-such-program, which is not installed") != std::string::npos);
  upload("shop", {{"app.yaml", k_system_python + "env: [{name: A, valueFrom: db}]\n"}});
  CHECK(message(deploy("shop")).find("no resource named db") != std::string::npos);
  upload("shop", {{"app.yaml", "command: [a\n"}});
  CHECK(message(deploy("shop")).find("not valid YAML") != std::string::npos);
}

TEST_CASE_FIXTURE(AppsFixture, "apps: a crash is followed by a restart, many crashes by giving up") {
  timings.crashes_to_give_up = 3;
  start();
  const auto app = create("shop");
  upload("shop", {{"app.yaml", k_system_python}, {"main.py", k_python_app}});
  REQUIRE(status(deploy("shop")) == "SUCCEEDED");
  const auto first = body_json(ask(app, "/api/x")).get_integer("pid");
  ask(app, "/api/exit");
  const auto after = ask_until_served(app, "/api/x");
  CHECK(body_json(after).get_integer("pid") != first);
  CHECK(wait_for_state("shop", "RUNNING"));
  ask(app, "/api/exit");
  // A request may still meet the program that ends; it is not sent twice, for it may be what ends it.
  const auto third = ask_until_served(app, "/api/x");
  INFO(third);
  CHECK(status_of(third) == 200);
  ask(app, "/api/exit");
  CHECK(wait_for_state("shop", "CRASHED"));
  for (int i = 0; i < 200 && ask(app, "/api/x").find("3 times") == std::string::npos; ++i) {
    ::poll(nullptr, 0, 10);
  }
  CHECK(ask(app, "/api/x").find("exit code 3, 3 times") != std::string::npos);
}

TEST_CASE_FIXTURE(AppsFixture, "apps: stopped means no process and no wake, start runs the last deployment again") {
  start();
  const auto app = create("shop");
  upload("shop", {{"app.yaml", k_system_python}, {"main.py", k_python_app}});
  REQUIRE(status(deploy("shop")) == "SUCCEEDED");
  const auto pid = static_cast<pid_t>(body_json(ask(app, "/api/x")).get_integer("pid"));
  const auto stopped = apps->stop_app(owner, "shop");
  REQUIRE(stopped);
  CHECK(stopped->find_path({"compute_status", "state"})->as_string() == "STOPPED");
  CHECK_FALSE(stopped->contains("active_deployment"));
  for (int i = 0; i < 300 && ::kill(pid, 0) == 0; ++i) {
    ::poll(nullptr, 0, 10);
  }
  CHECK(::kill(pid, 0) != 0);
  const auto page = ask(app, "/api/x");
  CHECK(status_of(page) == 503);
  CHECK(page.find("APP_STOPPED") != std::string::npos);
  CHECK(apps->deploy(owner, "shop", *Json::parse(R"({"source_code_path":"/Shared/shop"})")).error().kind ==
        ErrorKind::invalid_state);
  const auto started = apps->start_app(owner, "shop");
  REQUIRE(started);
  CHECK(started->find_path({"compute_status", "state"})->as_string() == "ACTIVE");
  CHECK(status_of(ask(app, "/api/x")) == 200);
  CHECK(state_of("shop") == "RUNNING");
}

TEST_CASE_FIXTURE(AppsFixture, "apps: an idle app sleeps and the next request wakes it") {
  start();
  const auto app = create("shop");
  upload("shop", {{"app.yaml", k_system_python}, {"main.py", k_python_app}});
  REQUIRE(status(deploy("shop")) == "SUCCEEDED");
  const auto pid = body_json(ask(app, "/api/x")).get_integer("pid");
  REQUIRE(apps->set_idle_timeout(owner, "shop", 200ms));
  REQUIRE(wait_for_state("shop", "ASLEEP"));
  const auto asleep = get("shop");
  CHECK(asleep.find_path({"app_status", "state"})->as_string() == "RUNNING");
  CHECK(asleep.find_path({"compute_status", "state"})->as_string() == "ACTIVE");
  CHECK(asleep.find_path({"compute_status", "active_instances"})->as_integer() == 0);
  REQUIRE(apps->set_idle_timeout(owner, "shop", 0ms));
  const auto woken = body_json(ask(app, "/api/x")).get_integer("pid");
  CHECK(woken != pid);
  CHECK(state_of("shop") == "RUNNING");
  // Asleep through a restart of the workspace, too.
  REQUIRE(apps->set_idle_timeout(owner, "shop", 200ms));
  REQUIRE(wait_for_state("shop", "ASLEEP"));
  apps.reset();
  start();
  CHECK(state_of("shop") == "ASLEEP");
  const auto again = ask(app, "/api/x");
  CHECK_MESSAGE(status_of(again) == 200, again);
}

TEST_CASE_FIXTURE(AppsFixture, "apps: what ran runs again after a restart, at the same address") {
  start();
  const auto app = create("shop");
  upload("shop", {{"app.yaml", k_system_python}, {"main.py", k_python_app}});
  REQUIRE(status(deploy("shop")) == "SUCCEEDED");
  const auto pid = static_cast<pid_t>(body_json(ask(app, "/api/x")).get_integer("pid"));
  apps.reset();
  CHECK(::kill(pid, 0) != 0);
  start();
  CHECK(get("shop").get_string("url") == app.get_string("url"));
  CHECK(status_of(ask(app, "/api/x")) == 200);
}

TEST_CASE_FIXTURE(AppsFixture, "apps: resources become variables and rights of the service principal") {
  REQUIRE(catalog->schema_exists("main", "default"));
  providers.secret_value = [](std::string_view scope, std::string_view key) -> Result<std::string> {
    return std::string(scope) + "/" + std::string(key);
  };
  providers.grant_secret = [](const BindingRequest&) -> Result<void> { return {}; };
  std::vector<std::string> bound;
  providers.bind_database = [&](const BindingRequest& request) -> Result<DatabaseBinding> {
    bound.push_back(request.entry.get_string("instance_name") + " " + request.service_principal.name);
    return DatabaseBinding{.host = "127.1.2.3", .port = 5432, .database = request.entry.get_string("database_name")};
  };
  start();
  REQUIRE(permissions->created({"sql/warehouses", "abc"}, owner));
  const auto app = create("shop", *Json::parse(R"({"resources":[
      {"name":"wh","sql_warehouse":{"id":"abc","permission":"CAN_USE"}},
      {"name":"key","secret":{"scope":"s","key":"k","permission":"READ"}},
      {"name":"db","database":{"instance_name":"pg","database_name":"app","permission":"CAN_CONNECT_AND_CREATE"}}]})"));
  const auto client = app.get_string("service_principal_client_id");
  CHECK(bound == std::vector<std::string>{"pg " + client});
  const auto has_right = [&] {
    return *permissions->allows(*identity->caller_named(client), {"sql/warehouses", "abc"}, "CAN_USE");
  };
  CHECK(has_right());
  upload("shop", {{"app.yaml", k_system_python + "env:\n- {name: WH, valueFrom: wh}\n- {name: KEY, valueFrom: key}\n"
                                                 "- {name: DB, valueFrom: db}\n"},
                  {"main.py", k_python_app}});
  const auto deployment = deploy("shop");
  REQUIRE(status(deployment) == "SUCCEEDED");
  const auto said = body_json(ask(app, "/api/x"));
  const Json& env = *said.find("env");
  CHECK(env.get_string("WH") == "abc");
  CHECK(env.get_string("KEY") == "s/k");
  CHECK(env.get_string("DB") == "127.1.2.3");
  CHECK(env.get_string("PGHOST") == "127.1.2.3");
  CHECK(env.get_string("PGPORT") == "5432");
  CHECK(env.get_string("PGDATABASE") == "app");
  CHECK(env.get_string("PGUSER") == client);
  CHECK(env.get_string("PGSSLMODE") == "require");
  REQUIRE(apps->create_update(owner, "shop", *Json::parse(R"({"app":{"resources":[]},"update_mask":"resources"})")));
  CHECK_FALSE(has_right());
  CHECK(apps->create_update(owner, "shop", *Json::parse(R"({"app":{"resources":[{"name":"x","genie_space":{
      "name":"g","space_id":"1","permission":"CAN_RUN"}}]},"update_mask":"resources"})"))
            .error()
            .kind == ErrorKind::unsupported);
}

TEST_CASE_FIXTURE(AppsFixture, "apps: two apps that both insist on port 8000 run side by side, on loopback only") {
  start();
  for (const char* name : {"one", "two"}) {
    create(name);
    auto program = replace_all(k_python_app, "int(os.environ['DATABRICKS_APP_PORT'])", "8000");
    program =
        replace_all(program, "('127.0.0.1', 8000), Handler).serve_forever()", "('', 8000), Handler).serve_forever()");
    upload(name, {{"app.yaml", k_system_python}, {"main.py", program}});
    const auto deployment = deploy(name);
    INFO(message(deployment));
    INFO(log_of(name, deployment));
    REQUIRE(status(deployment) == "SUCCEEDED");
  }
  for (const char* name : {"one", "two"}) {
    const auto said = body_json(ask(get(name), "/api/x"));
    CHECK(said.find("env")->get_string("DATABRICKS_APP_NAME") == name);
  }
}

TEST_CASE_FIXTURE(AppsFixture, "apps: the program cannot read the workspace's own files") {
  start();
  const auto app = create("shop");
  std::ofstream(folder.path() / "run-token") << "secret";
  upload("shop", {{"app.yaml", k_system_python},
                  {"main.py", "import sys\ntry:\n  print(open('" + (folder.path() / "run-token").string() +
                                  "').read())\nexcept OSError as e: print('refused', e.errno)\n" + k_python_app}});
  const auto deployment = deploy("shop");
  REQUIRE(status(deployment) == "SUCCEEDED");
  CHECK(log_of("shop", deployment).find("APP: refused 13") != std::string::npos);
}

TEST_CASE_FIXTURE(AppsFixture, "apps: a browser signs in by a link of pier open") {
  start();
  const auto app = create("shop");
  upload("shop", {{"app.yaml", k_system_python}, {"main.py", k_python_app}});
  REQUIRE(status(deploy("shop")) == "SUCCEEDED");
  const auto link = apps->sign_in_link(owner, "shop", "");
  REQUIRE(link);
  const auto port = port_of(app);
  const auto host = "\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n";
  RawClient client(port);
  client.send("GET " + link->substr(link->find("/.pier")) + " HTTP/1.1" + host + "\r\n");
  const auto answer = client.read_response();
  CHECK(status_of(answer) == 302);
  const auto at = answer.find("Set-Cookie: ") + 12;
  client.send("GET / HTTP/1.1" + host + "Cookie: " + answer.substr(at, answer.find(';', at) - at) + "\r\n\r\n");
  CHECK(body_json(client.read_response()).find("headers")->get_string("X-Forwarded-Email") == "ada@example.test");
}

} // namespace
} // namespace pier::apps

#include "core/apps/app_file.hpp"

#include <doctest/doctest.h>

namespace pier::apps {

TEST_CASE("app file: command, literal and referenced variables, unknown keys") {
  const auto file = parse_app_file("runtime: nodejs20\n"
                                   "command: [uvicorn, 'main:app', --port, 8001]\n"
                                   "env:\n"
                                   "  - name: A\n    value: 1\n"
                                   "  - name: B\n    valueFrom: warehouse\n"
                                   "  - {name: C, value_from: db}\n");
  REQUIRE(file);
  CHECK(file->command == std::vector<std::string>{"uvicorn", "main:app", "--port", "8001"});
  REQUIRE(file->env.size() == 3);
  CHECK(file->env[0] == EnvEntry{.name = "A", .value = "1"});
  CHECK(file->env[1] == EnvEntry{.name = "B", .value_from = "warehouse"});
  CHECK(file->env[2] == EnvEntry{.name = "C", .value_from = "db"});
  CHECK(file->warnings.size() == 1);
}

TEST_CASE("app file: mistakes name the line") {
  for (const char* text : {"env:\n  - name: A\n", "env:\n  - name: A\n    value: x\n    valueFrom: y\n",
                           "command: {a: b}\n", "env: 5\n", "- a\n", "a: [b\n"}) {
    const auto file = parse_app_file(text);
    INFO(text);
    REQUIRE_FALSE(file);
    CHECK(file.error().kind == ErrorKind::invalid_argument);
  }
  CHECK(parse_app_file("env:\n  - name: A\n").error().message.find("app.yaml:2") == 0);
}

TEST_CASE("app file: a deployment's command and variables replace the file's") {
  auto file = parse_app_file("command: [a]\nenv: [{name: X, value: y}]\n");
  REQUIRE(file);
  const auto request = Json::parse(R"({"command":["b"],"env_vars":[{"name":"N","value_from":"r"}]})");
  REQUIRE(override_app_file(*file, *request));
  CHECK(file->command == std::vector<std::string>{"b"});
  CHECK(file->env == std::vector<EnvEntry>{{.name = "N", .value_from = "r"}});
}

TEST_CASE("app file: the port is put into arguments in its three spellings") {
  CHECK(substitute_port({"--port=$DATABRICKS_APP_PORT", "${DATABRICKS_APP_PORT}", "${DATABRICKS_APP_PORT:-8000}/x",
                         "${DATABRICKS_APP_PORTS", "$OTHER"},
                        4711) ==
        std::vector<std::string>{"--port=4711", "4711", "4711/x", "${DATABRICKS_APP_PORTS", "$OTHER"});
}

} // namespace pier::apps

#include "core/workspace_client/local_workspace.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

using pier::Environment;
using pier::workspace_client::DaemonState;
using pier::workspace_client::local_paths;
using pier::workspace_client::process_start_ticks;

TEST_CASE("local paths: by PIER_HOME and PIER_WORKSPACE") {
  const auto paths = local_paths(Environment({{"PIER_HOME", "/srv/pier/"}, {"PIER_WORKSPACE", "two"}}));
  REQUIRE(paths);
  CHECK(paths->folder == "/srv/pier/workspaces/two");
  CHECK(paths->token_file() == "/srv/pier/workspaces/two/run/token");
  CHECK(local_paths(Environment(Environment::Map{{"PIER_HOME", "/srv"}}))->name == "default");
}

TEST_CASE("local paths: names that leave the folder are refused") {
  for (const auto* name : {"..", "a/b", ".hidden", "a b", "ä"}) {
    const auto paths = local_paths(Environment({{"PIER_HOME", "/srv"}, {"PIER_WORKSPACE", name}}));
    REQUIRE_FALSE(paths);
    CHECK(paths.error().code == "PIER3006");
  }
}

TEST_CASE("daemon state: round-trips, a broken one is refused") {
  DaemonState state;
  state.name = "default";
  state.pid = 7;
  state.start_ticks = 1234;
  state.port = 8080;
  state.url = "http://127.0.0.1:8080";
  state.version = "0.1.0";
  const auto again = DaemonState::parse(state.to_json().dump());
  REQUIRE(again);
  CHECK(again->to_json() == state.to_json());
  for (const auto* text : {"", "{}", "[1]", "{\"pid\":-1,\"url\":\"x\"}", "{\"pid\":"}) {
    CHECK_FALSE(DaemonState::parse(text));
  }
}

TEST_CASE("process start: known for the living only") {
  CHECK(process_start_ticks(::getpid()).value_or(0) > 0);
  CHECK_FALSE(process_start_ticks(0x3fffffff));
}

#include "core/base/process.hpp"
#include "core/base/tcp_port.hpp"
#include "core/http/server.hpp"
#include "daemon_fixture.hpp"

#include <csignal>
#include <set>
#include <thread>

using namespace pier;
using test::DaemonFixture;
using workspace_client::find_local;
using workspace_client::stop_local;

namespace {

/// Kills the daemon as a crash would and waits for its end.
void kill_hard(const workspace_client::LocalWorkspace& workspace) {
  const auto port = workspace.state.port;
  ::kill(workspace.state.pid, SIGKILL);
  while (workspace_client::process_start_ticks(workspace.state.pid) || is_port_open(port)) {
    std::this_thread::yield();
  }
}

/// Something else on a port.
class Occupant final : public http::Dispatcher {
 public:
  http::Cost cost(const std::string&, const std::string&) const override { return http::Cost::quick; }

  http::Response handle(const http::Request&) override { return {}; }
};

} // namespace

TEST_CASE_FIXTURE(DaemonFixture, "daemon: starts on demand, once, and stops cleanly") {
  const auto first = start();
  CHECK(first.started);
  CHECK(send("GET", "/api/2.0/workspace-conf?keys=a").status == 200);
  const auto second = start();
  CHECK_FALSE(second.started);
  CHECK(second.state.pid == first.state.pid);
  CHECK(stop_local(paths()).value());
  CHECK_FALSE(find_local(paths()).value());
  CHECK_FALSE(is_port_open(first.state.port));
  CHECK_FALSE(stop_local(paths()).value());
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: a second one of the same workspace is refused and says so") {
  const auto running = start();
  const auto second = run_captured({.argv = {(executable_path().parent_path() / "pierd").string()}, .env = env});
  REQUIRE(second);
  CHECK(second->status.code == 1);
  CHECK(second->standard_error.find("runs already (pid " + std::to_string(running.state.pid)) != std::string::npos);
  CHECK(send("GET", "/api/2.0/workspace-conf?keys=a").status == 200);
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: callers at the same time start it once") {
  std::vector<Result<workspace_client::LocalWorkspace>> results(4, Error{});
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] { result = workspace_client::ensure_started(env); });
    }
  }
  std::set<pid_t> pids;
  int started = 0;
  for (const auto& result : results) {
    REQUIRE(result);
    pids.insert(result->state.pid);
    started += result->started ? 1 : 0;
  }
  CHECK(pids.size() == 1);
  CHECK(started == 1);
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: everything is back after kill -9") {
  const auto first = start();
  const auto id = send("GET", "/x").headers.get("X-Databricks-Org-Id");
  REQUIRE(send("PATCH", "/api/2.0/workspace-conf", R"({"a":"kept"})").status == 200);
  kill_hard(first);
  CHECK_FALSE(find_local(paths()).value());
  const auto second = start();
  CHECK(second.started);
  CHECK(second.state.pid != first.state.pid);
  CHECK(second.url == first.url);
  CHECK(second.token.reveal() == first.token.reveal());
  CHECK(get("/api/2.0/workspace-conf?keys=a").get_string("a") == "kept");
  CHECK(send("GET", "/x").headers.get("X-Databricks-Org-Id") == id);
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: what a killed one was receiving is cleared at the next start") {
  const auto first = start();
  kill_hard(first);
  const auto spool = paths().run() / "spool";
  REQUIRE(write_file_atomically(spool / "body-left", "half"));
  start();
  CHECK(std::filesystem::is_empty(spool));
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: its port is kept, another is taken when that is in use") {
  const auto first = start();
  REQUIRE(stop_local(paths()));
  {
    const auto occupied = http::Server::start({.port = first.state.port}, std::make_shared<Occupant>());
    REQUIRE(occupied);
    const auto second = start();
    CHECK(second.state.port != first.state.port);
    REQUIRE(stop_local(paths()));
    const auto third = start();
    CHECK(third.state.port == second.state.port);
  }
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: a port that was asked for and is in use is an error") {
  const auto occupied = http::Server::start({}, std::make_shared<Occupant>());
  REQUIRE(occupied);
  const auto refused = workspace_client::ensure_started(env, {.program = {}, .port = (*occupied)->port()});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "PIER3007");
  CHECK(refused.error().kind == ErrorKind::conflict);
  CHECK(start().started);
}

TEST_CASE("daemon: two homes and two names do not meet") {
  DaemonFixture one;
  DaemonFixture two;
  DaemonFixture three;
  three.env.set("PIER_HOME", one.home.path().string());
  three.env.set("PIER_WORKSPACE", "other");
  std::set<std::uint16_t> ports = {one.start().state.port, two.start().state.port, three.start().state.port};
  CHECK(ports.size() == 3);
  two.workspace.token = one.workspace.token;
  CHECK(two.send("GET", "/api/2.0/workspace-conf?keys=a").status == 403);
  REQUIRE(stop_local(two.paths()));
  CHECK(one.send("GET", "/api/2.0/workspace-conf?keys=a").status == 200);
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: a state file whose pid is somebody else's is no running daemon") {
  const auto first = start();
  REQUIRE(stop_local(paths()));
  auto state = first.state;
  state.pid = ::getpid();
  state.start_ticks += 1; // this program may have started in the same hundredth of a second as the daemon
  REQUIRE(write_file_atomically(paths().state_file(), state.to_json().dump()));
  CHECK_FALSE(find_local(paths()).value());
  CHECK_FALSE(stop_local(paths()).value());
  CHECK(start().started);
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: the reason why it cannot start reaches the caller") {
  REQUIRE(make_directories(paths().folder));
  REQUIRE(write_file_atomically(paths().folder / "workspace.db", std::string(8192, 'x')));
  const auto refused = workspace_client::ensure_started(env);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "PIER0303");
  CHECK_FALSE(refused.error().hint.empty());
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: a missing program is named") {
  const auto refused = workspace_client::ensure_started(env, {.program = "/nonexistent/pierd"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "PIER3002");
}

TEST_CASE_FIXTURE(DaemonFixture, "daemon: its files are private") {
  start();
  namespace fs = std::filesystem;
  const auto others = fs::perms::others_all | fs::perms::group_read | fs::perms::group_write;
  for (const auto& path : {paths().folder, paths().run(), paths().token_file(), paths().state_file(),
                           paths().log_file(), paths().folder / "workspace.db"}) {
    CAPTURE(path.string());
    CHECK((fs::status(path).permissions() & others) == fs::perms::none);
  }
}

#include "core/apps/build/build_step.hpp"
#include "core/apps/guard/confinement.hpp"
#include "core/apps/guard/guarded_process.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/apps/guard/process_tree.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "tests/support/limits.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

struct Fixture {
  TempDirectory folder = std::move(*TempDirectory::create("pier-guard"));
  fs::path guard = beside_executable("pier-guard");

  [[nodiscard]] GuardSpec shell(const std::string& script) const {
    return GuardSpec{.argv = {"/bin/sh", "-c", script},
                     .env = {{"PATH", "/usr/bin:/bin"}},
                     .cwd = folder.path().string(),
                     .log_file = (folder.path() / "log").string(),
                     .stop_grace = 500ms};
  }

  [[nodiscard]] std::vector<std::string> messages() const {
    std::vector<std::string> texts;
    for (const auto& record : read_last_lines(folder.path() / "log", 100)) {
      texts.push_back(record.message);
    }
    return texts;
  }

  /// Waits until the program has written a file named `name`, and returns its text.
  [[nodiscard]] std::string wait_for_file(const std::string& name) const {
    const auto deadline = std::chrono::steady_clock::now() + test::k_hang_limit;
    while (std::chrono::steady_clock::now() < deadline) {
      if (const auto text = read_file(folder.path() / name); text && text->ends_with('\n')) {
        return std::string(trim(*text));
      }
      ::poll(nullptr, 0, 5);
    }
    return {};
  }
};

bool is_gone_within(pid_t pid, std::chrono::milliseconds limit) {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) {
    return true;
  }
  pollfd entry{fd, POLLIN, 0};
  const bool gone = ::poll(&entry, 1, static_cast<int>(limit.count())) == 1;
  ::close(fd);
  return gone;
}

TEST_CASE_FIXTURE(Fixture, "guard: runs a program, logs its lines and reports its exit code") {
  auto process = GuardedProcess::start(guard, shell("echo one; echo two >&2; printf three; exit 7"));
  REQUIRE(process);
  REQUIRE(process->wait_ended(test::k_hang_limit));
  CHECK(process->ended()->status.code == 7);
  CHECK(messages() == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE_FIXTURE(Fixture, "guard: says why a program cannot be started") {
  auto spec = shell("");
  spec.argv = {"/nowhere/program"};
  auto process = GuardedProcess::start(guard, spec);
  REQUIRE(process);
  REQUIRE(process->wait_ended(test::k_hang_limit));
  CHECK(process->ended()->failure.find("/nowhere/program") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "guard: a stop is SIGTERM first, and the program may end by itself") {
  auto spec = shell("trap 'echo bye; exit 3' TERM; echo x > ready; while :; do sleep 0.05; done");
  spec.stop_grace = 10s;
  auto process = GuardedProcess::start(guard, spec);
  REQUIRE(process);
  CHECK(wait_for_file("ready") == "x");
  process->request_stop();
  REQUIRE(process->wait_ended(test::k_hang_limit));
  CHECK(process->ended()->status.code == 3);
  CHECK(messages().back() == "bye");
}

TEST_CASE_FIXTURE(Fixture, "guard: kills what ignores SIGTERM, also a grandchild that left the group") {
  auto process = GuardedProcess::start(
      guard, shell("trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$ > escaped; exec sleep 1000' & "
                   "echo x > ready; while :; do sleep 1; done"));
  REQUIRE(process);
  const auto escaped = static_cast<pid_t>(std::stoi(wait_for_file("escaped")));
  CHECK(wait_for_file("ready") == "x");
  process->request_stop();
  REQUIRE(process->wait_ended(test::k_hang_limit));
  CHECK(process->ended()->status.signal == SIGKILL);
  CHECK(is_gone_within(escaped, 0ms));
}

TEST_CASE_FIXTURE(Fixture, "guard: children that a finished program left behind go too") {
  auto process = GuardedProcess::start(guard, shell("sleep 1000 & echo $! > child; exit 0"));
  REQUIRE(process);
  const auto child = static_cast<pid_t>(std::stoi(wait_for_file("child")));
  REQUIRE(process->wait_ended(test::k_hang_limit));
  CHECK(is_gone_within(child, 0ms));
}

TEST_CASE_FIXTURE(Fixture, "guard: the owner killed with -9 leaves no process") {
  // The owner is a child of this test that starts the guardian and then waits to be killed.
  const pid_t owner = ::fork();
  REQUIRE(owner >= 0);
  if (owner == 0) {
    auto process = GuardedProcess::start(guard, shell("echo $$ > pid; exec sleep 1000"));
    while (process) {
      ::pause();
    }
    ::_exit(1);
  }
  const auto program = static_cast<pid_t>(std::stoi(wait_for_file("pid")));
  ::kill(owner, SIGKILL);
  CHECK(is_gone_within(program, test::k_hang_limit));
  CHECK(is_gone_within(owner, test::k_hang_limit));
}

TEST_CASE_FIXTURE(Fixture, "guard: logs rotate to three files and readers see them in order") {
  auto spec = shell("i=0; while [ $i -lt 3000 ]; do echo line-$i-padding-padding-padding; i=$((i+1)); done");
  spec.log_limit = 100'000;
  auto process = GuardedProcess::start(guard, spec);
  REQUIRE(process);
  REQUIRE(process->wait_ended(test::k_hang_limit));
  CHECK(fs::exists(folder.path() / "log.1"));
  CHECK(fs::exists(folder.path() / "log.2"));
  CHECK_FALSE(fs::exists(folder.path() / "log.3"));
  CHECK(fs::file_size(folder.path() / "log") <= 100'000);
  const auto last = read_last_lines(folder.path() / "log", 1500);
  REQUIRE(last.size() == 1500);
  CHECK(last.front().message == "line-1500-padding-padding-padding");
  CHECK(last.back().message == "line-2999-padding-padding-padding");
}

TEST_CASE_FIXTURE(Fixture, "guard: finds the port on which a descendant listens") {
  auto process = GuardedProcess::start(
      guard, shell("python3 -c 'import socket,time; s=socket.socket(); s.bind((\"127.0.0.1\",0)); s.listen(); "
                   "open(\"port\",\"w\").write(str(s.getsockname()[1])+\"\\n\"); time.sleep(1000)'; true"));
  REQUIRE(process);
  const auto port = wait_for_file("port");
  process->poll_events();
  const auto ports = listening_ports(process->pid());
  REQUIRE(ports.size() == 1);
  CHECK(std::to_string(ports.front()) == port);
}

TEST_CASE_FIXTURE(Fixture, "confinement: hidden folders cannot be read, only writable ones written") {
  if (landlock_version() == 0) {
    MESSAGE("this kernel has no Landlock");
    return;
  }
  fs::create_directories(folder.path() / "state/run");
  fs::create_directories(folder.path() / "state/app");
  std::ofstream(folder.path() / "state/run/token") << "secret";
  std::ofstream(folder.path() / "beside") << "open";
  auto spec = shell("cat ../run/token || cat ../state/run/token; cat " + (folder.path() / "beside").string() +
                    "; echo hi > mine && cat mine; echo hi > ../other; echo end");
  spec.cwd = (folder.path() / "state/app").string();
  spec.hidden = {(folder.path() / "state").string()};
  spec.writable = {spec.cwd};
  spec.writes_anywhere = false;
  auto process = GuardedProcess::start(guard, spec);
  REQUIRE(process);
  REQUIRE(process->wait_ended(test::k_hang_limit));
  const auto all = join(messages(), "\n");
  INFO(all);
  CHECK(all.find("secret") == std::string::npos);
  CHECK(all.find("openhi\n") != std::string::npos);
  CHECK(all.ends_with("end"));
  CHECK_FALSE(fs::exists(folder.path() / "state/other"));
}

TEST_CASE("build step: tools find their cache folders in a new home that holds the workspace") {
  const Fixture fixture;
  const auto home = fixture.folder.path() / "home";
  const auto state = home / ".local" / "share" / "pier";
  REQUIRE(make_directories(state));
  BuildContext context{
      .guard_program = fixture.guard, .log_file = fixture.folder.path() / "log", .state_folder = state};
  context.env.set("PATH", "/usr/bin:/bin");
  context.env.set("HOME", home.string());
  const auto built =
      run_build_step(context, {"sh", "-c", "mkdir $HOME/.cache/uv $HOME/.npm/_cacache"}, fixture.folder.path());
  INFO((built ? std::string() : built.error().message));
  REQUIRE(built);
  CHECK(fs::is_directory(home / ".npm" / "_cacache"));
  if (landlock_version() > 0) {
    CHECK_FALSE(run_build_step(context, {"sh", "-c", "mkdir $HOME/.local/share/pier/x"}, fixture.folder.path()));
  }
}

} // namespace
} // namespace pier::apps

#include "tests/integration/deploy/project.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>

using namespace pier;
using pier::test::Project;
using pier::test::small_bundle;

namespace {

/// Many schemas: a deployment that takes a while.
std::string large_bundle(int count) {
  std::string text = "bundle:\n  name: large\n"
                     "targets:\n  prod:\n    mode: production\n    default: true\n"
                     "    workspace:\n      root_path: /Workspace/Shared/large\n"
                     "resources:\n  schemas:\n";
  for (int i = 0; i < count; ++i) {
    const auto name = "s" + std::to_string(i);
    text += "    " + name + ":\n      catalog_name: main\n      name: " + name + "\n";
    if (i > 0) {
      // A chain, so that they are made one after the other.
      text += "      comment: after ${resources.schemas.s" + std::to_string(i - 1) + ".id}\n";
    }
  }
  return text;
}

/// Starts a deploy and kills it as soon as it reports the given step.
void kill_after(Project& project, const std::string& step) {
  auto command = project.command({"deploy"});
  command.standard_error = Command::Stream::pipe;
  command.standard_output = Command::Stream::null;
  auto process = Process::start(command);
  REQUIRE(process);
  std::string seen;
  std::array<char, 4096> buffer{};
  while (seen.find(step) == std::string::npos) {
    pollfd waiting{.fd = process->error().get(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&waiting, 1, 30'000) > 0);
    const auto count = ::read(process->error().get(), buffer.data(), buffer.size());
    REQUIRE_MESSAGE(count > 0, seen);
    seen.append(buffer.data(), static_cast<std::size_t>(count));
  }
  process->signal(SIGKILL);
  REQUIRE(process->wait());
}

} // namespace

TEST_CASE("interrupted: killed in the middle, the next deploy goes on and finishes") {
  Project project;
  project.put("databricks.yml", large_bundle(30));
  kill_after(project, "created schemas.s5");
  const auto next = project.pier({"deploy"});
  REQUIRE_MESSAGE(next.status.ok(), next.standard_error);
  CHECK(next.standard_error.find("continuing a deployment that was interrupted") != std::string::npos);
  CHECK(next.standard_error.find("taking over the lock of a deployment that was killed") != std::string::npos);
  CHECK(next.standard_error.find("created schemas.s5\n") == std::string::npos);
  CHECK(project.state("prod").find("state")->size() == 30);
  CHECK(project.run({"deploy"}).find("nothing to do") != std::string::npos);
}

TEST_CASE("interrupted: killed while files go up, the next deploy sends them again") {
  Project project;
  project.put("databricks.yml", small_bundle());
  for (int i = 0; i < 50; ++i) {
    project.put("f" + std::to_string(i), std::string(1000, 'x'));
  }
  kill_after(project, "uploading bundle files");
  const auto text = project.run({"deploy"});
  CHECK(text.find("Files: 51 uploaded") != std::string::npos);
  CHECK(project.run({"deploy"}).find("nothing to do") != std::string::npos);
}

TEST_CASE("interrupted: the lock of a process that lives is respected, unless forced") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.run({"deploy"});
  // This process lives: its lock counts.
  const auto boot = read_file("/proc/sys/kernel/random/boot_id").value();
  std::array<char, 256> host{};
  REQUIRE(::gethostname(host.data(), host.size() - 1) == 0);
  const auto ticks = workspace_client::process_start_ticks(::getpid());
  REQUIRE(ticks);
  auto lock = Json::object({{"ID", "11111111-1111-4111-8111-111111111111"},
                            {"AcquisitionTime", "2026-11-24T10:00:00Z"},
                            {"IsForced", false},
                            {"User", "ada@pier.test"},
                            {"Holder", Json::object({{"Host", host.data()},
                                                     {"Boot", boot.substr(0, boot.find('\n'))},
                                                     {"Pid", static_cast<std::int64_t>(::getpid())},
                                                     {"Started", static_cast<std::int64_t>(*ticks)}})}});
  const auto put_lock = [&] {
    const auto response = project.daemon.send(
        "POST", "/api/2.0/workspace-files/import-file/Workspace%2FShared%2Fsmall%2Fstate%2Fdeploy.lock?overwrite=true",
        lock.dump());
    REQUIRE(response.status == 200);
  };
  put_lock();
  const auto refused = project.pier({"deploy"});
  CHECK(refused.status.code == 1);
  CHECK(refused.standard_error.find("deploy lock acquired by ada@pier.test") != std::string::npos);
  CHECK(project.pier({"deploy", "--force-lock"}).status.ok());
  // The same pid, but another process: dead.
  lock["Holder"]["Started"] = 1;
  put_lock();
  CHECK(project.pier({"deploy"}).status.ok());
  // Another machine: nobody can tell.
  lock["Holder"]["Host"] = "elsewhere.test";
  put_lock();
  CHECK(project.pier({"deploy"}).status.code == 1);
}

TEST_CASE("interrupted: Ctrl-C ends the command and releases the lock") {
  Project project;
  project.put("databricks.yml", large_bundle(40));
  auto command = project.command({"deploy"});
  command.standard_error = Command::Stream::pipe;
  command.standard_output = Command::Stream::null;
  auto process = Process::start(command);
  REQUIRE(process);
  std::string seen;
  std::array<char, 4096> buffer{};
  while (seen.find("created schemas.s3") == std::string::npos) {
    const auto count = ::read(process->error().get(), buffer.data(), buffer.size());
    REQUIRE_MESSAGE(count > 0, seen);
    seen.append(buffer.data(), static_cast<std::size_t>(count));
  }
  process->signal(SIGINT);
  while (::read(process->error().get(), buffer.data(), buffer.size()) > 0) {
  }
  const auto status = process->wait();
  REQUIRE(status);
  CHECK(status->code == 130);
  const auto next = project.pier({"deploy"});
  CHECK_MESSAGE(next.status.ok(), next.standard_error);
  CHECK(next.standard_error.find("taking over") == std::string::npos);
  CHECK(project.state("prod").find("state")->size() == 40);
}

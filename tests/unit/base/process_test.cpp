#include "core/base/process.hpp"

#include <doctest/doctest.h>

#include <csignal>

TEST_CASE("process: output, errors and exit code are captured") {
  const auto run = pier::run_captured({.argv = {"sh", "-c", "cat; echo oops >&2; exit 3"}}, {.input = "hello"});
  REQUIRE(run);
  CHECK(run->standard_output == "hello");
  CHECK(run->standard_error == "oops\n");
  CHECK(run->status.code == 3);
  CHECK_FALSE(run->status.ok());
}

TEST_CASE("process: a missing program is an error that says so") {
  const auto run = pier::run_captured({.argv = {"no-such-program-here"}});
  REQUIRE_FALSE(run);
  CHECK(run.error().code == "PIER0110");
}

TEST_CASE("process: a deadline kills the whole group") {
  const auto run =
      pier::run_captured({.argv = {"sh", "-c", "sleep 100 & sleep 100"}}, {.timeout = std::chrono::milliseconds(50)});
  REQUIRE_FALSE(run);
  CHECK(run.error().code == "PIER0112");
}

TEST_CASE("process: lines come one by one") {
  std::vector<std::string> lines;
  pier::RunOptions options;
  options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  REQUIRE(pier::run_captured({.argv = {"printf", "a\\nb\\nc"}}, options));
  CHECK(lines == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("process: ended by a signal") {
  auto process = pier::Process::start({.argv = {"sleep", "100"}});
  REQUIRE(process);
  process->signal(SIGTERM);
  CHECK(process->wait()->to_string() == "signal 15 (SIGTERM)");
}

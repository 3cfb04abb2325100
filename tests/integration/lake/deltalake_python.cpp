#include "deltalake_python.hpp"

#include "core/base/fd.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

namespace pier::lake {
namespace {

/// A Python with deltalake, made once in the build folder.
std::filesystem::path python() {
  const auto folder = executable_path().parent_path().parent_path() / "deltalake-venv";
  const auto ready = folder / "ready-1.6.6";
  // Parallel tests: one makes it, the others wait.
  const UniqueFd lock(::open((folder.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
  if (!std::filesystem::exists(ready)) {
    const auto run = [](std::vector<std::string> argv) {
      const auto done = run_captured({.argv = std::move(argv)}, {.timeout = std::chrono::minutes(4)});
      REQUIRE(done.has_value());
      INFO(done->standard_error);
      REQUIRE(done->status.ok());
    };
    run({"python3", "-m", "venv", folder.string()});
    run({(folder / "bin/pip").string(), "install", "-q", "deltalake==1.6.6", "pyarrow"});
    REQUIRE(write_file_atomically(ready, ""));
  }
  return folder / "bin/python";
}

} // namespace

std::string run_python(const std::string& script, const std::vector<std::string>& arguments) {
  // Without the interpreter's end: pyarrow's threads abort it now and then ("terminate called").
  const auto whole = script + "\nimport os\nimport sys\nsys.stdout.flush()\nos._exit(0)\n";
  std::vector<std::string> argv{python().string(), "-c", whole};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto done = run_captured({.argv = argv}, {.timeout = std::chrono::minutes(1)});
  REQUIRE(done.has_value());
  INFO(done->standard_error);
  REQUIRE(done->status.ok());
  return std::string(trim(done->standard_output));
}

} // namespace pier::lake

#include "cli/become.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

namespace pier::cli {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

/// What we block and ignore would stay so in the other program.
void reset_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
}

} // namespace

Error become(const std::filesystem::path& program, std::span<const std::string> words, const Environment& env) {
  std::vector<std::string> arguments = {program.string()};
  arguments.insert(arguments.end(), words.begin(), words.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : env.all()) {
    variables.push_back(name + "=" + value);
  }
  reset_signals();
  ::execve(program.c_str(), pointers(arguments).data(), pointers(variables).data());
  return error_from_errno(errno, "cannot start " + program.string());
}

} // namespace pier::cli

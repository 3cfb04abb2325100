#include "cli/explanations.hpp"

#include <array>

namespace pier::cli {

std::span<const Explanation> explanations() {
  static constexpr std::array k_texts = {
      Explanation{"PIER0001", "the command line is wrong",
                  "A command, an option or a value is unknown or missing. The message names the nearest\n"
                  "spelling; `pier COMMAND --help` shows what the command takes."},
      Explanation{"PIER0002", "unknown error code", "`pier explain` without a code lists all of them."},
      Explanation{"PIER0003", "a question could not be asked",
                  "A command needs an answer, but standard input or standard error is no terminal (a pipe, a CI\n"
                  "job). Give the answer as an option; `pier COMMAND --help` lists them."},
  };
  return k_texts;
}

} // namespace pier::cli

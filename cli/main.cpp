#include "cli/run.hpp"

int main(int argc, char** argv) {
  return pier::cli::run_process(argc, argv);
}

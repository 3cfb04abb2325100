#include "core/git/explanations.hpp"

#include <array>

namespace pier::git {

std::span<const Explanation> explanations() {
  static constexpr std::array k_explanations = {
      Explanation{"PIER0401", "libgit2 is missing or too old",
                  "pier reads branch, commit and origin of a checkout through libgit2, which it loads when it is\n"
                  "first needed. Install it: apt-get install libgit2-1.5"},
      Explanation{"PIER0402", "a repository cannot be cloned",
                  "There is no network, the address is wrong, the branch does not exist, or you may not read it. Try\n"
                  "`git ls-remote ADDRESS` to see what git says."},
      Explanation{"PIER0403", "a repository cannot be read",
                  "The folder has a .git that libgit2 cannot open, for example after an interrupted clone.\n"
                  "`git status` in that folder tells what is wrong."},
  };
  return k_explanations;
}

} // namespace pier::git

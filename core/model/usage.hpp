#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pier::model {

/// What the usage report of `pier bundle deploy` tells of a bundle and its deployment, gathered on the way: what was
/// not reached is not in it. Counts, sizes, answers to yes-or-no questions, and ids that the workspace gave itself.
struct Usage {
  std::vector<std::pair<std::string, bool>> answers; ///< by the official CLI's names; a name may come more than once
  std::optional<std::size_t> targets;
  std::optional<std::vector<std::uint64_t>> file_sizes; ///< of all files that belong to the bundle

  struct Deployed {
    std::uint64_t file_bytes = 0;                                 ///< of the whole state
    std::map<std::string, std::vector<std::uint64_t>> node_bytes; ///< by kind, "jobs.permissions" for parts
    std::map<std::string, std::vector<std::string>> ids;          ///< by kind, without parts
  };

  std::optional<Deployed> deployed;

  void tell(std::string name, bool answer) { answers.emplace_back(std::move(name), answer); }
};

} // namespace pier::model

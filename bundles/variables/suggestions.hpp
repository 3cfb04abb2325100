#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pier::bundles {

/// Candidates at most two edits away from `word`, nearest first (Levenshtein, as the official CLI has it).
std::vector<std::string> near_keys(std::string_view word, const std::vector<std::string>& candidates);

} // namespace pier::bundles

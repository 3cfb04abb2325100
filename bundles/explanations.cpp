#include "bundles/explanations.hpp"

#include "bundles/explanations_config.hpp"
#include "bundles/explanations_rules.hpp"

#include <vector>

namespace pier::bundles {

std::span<const Explanation> explanations() {
  static const std::vector<Explanation> all = [] {
    std::vector<Explanation> texts;
    for (const auto part : {config_explanations(), rule_explanations()}) {
      texts.insert(texts.end(), part.begin(), part.end());
    }
    return texts;
  }();
  return all;
}

} // namespace pier::bundles

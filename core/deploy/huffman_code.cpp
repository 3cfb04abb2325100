#include "core/deploy/huffman_code.hpp"

#include <algorithm>
#include <array>

namespace pier::deploy {
namespace {

constexpr std::size_t k_max_length = 15;

struct Symbol {
  std::size_t symbol;
  std::uint64_t frequency;
};

/// A package of "coins" in the package-merge algorithm (Larmore, Hirschberg 1990): its weight, and how many of the
/// rarest symbols it has at each level below.
struct Package {
  std::uint64_t weight = 0;
  std::array<std::size_t, k_max_length + 1> leaves{};
};

/// One level up: packages of two, merged with the symbols by weight. A package goes before a symbol of its weight.
/// Of a prefix of such a list it is enough to know how many symbols it has, so that counts are kept, not members.
std::vector<Package> merge(const std::vector<Package>& below, const std::vector<Symbol>& symbols, std::size_t level) {
  std::vector<Package> merged;
  std::size_t leaf = 0;
  std::size_t pair = 0;
  while (leaf < symbols.size() || pair + 1 < below.size()) {
    const bool has_pair = pair + 1 < below.size();
    const auto weight = has_pair ? below[pair].weight + below[pair + 1].weight : 0;
    Package next;
    if (leaf < symbols.size() && (!has_pair || symbols[leaf].frequency < weight)) {
      if (!merged.empty()) {
        next.leaves = merged.back().leaves;
      }
      next.weight = symbols[leaf].frequency;
      next.leaves[level] = ++leaf;
    } else {
      next.leaves = below[pair + 1].leaves;
      next.weight = weight;
      next.leaves[level] = leaf;
      pair += 2;
    }
    merged.push_back(next);
  }
  return merged;
}

/// How many symbols have each length. At least three symbols, the rarest first.
std::vector<std::size_t> count_lengths(const std::vector<Symbol>& symbols, std::size_t longest) {
  longest = std::min(longest, symbols.size() - 1);
  std::vector<Package> level;
  for (std::size_t i = 1; i <= longest; ++i) {
    level = merge(level, symbols, i);
  }
  const auto& leaves = level[2 * symbols.size() - 3].leaves;
  std::vector<std::size_t> counts(longest + 1);
  for (std::size_t length = 1; length <= longest; ++length) {
    const auto at = longest + 1 - length;
    counts[length] = leaves[at] - leaves[at - 1];
  }
  return counts;
}

std::uint16_t reversed(std::uint32_t bits, std::size_t length) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < length; ++i, bits >>= 1U) {
    out = (out << 1U) | (bits & 1U);
  }
  return static_cast<std::uint16_t>(out);
}

} // namespace

HuffmanCode HuffmanCode::of_lengths(const std::vector<std::uint16_t>& lengths) {
  HuffmanCode code;
  code.entries.resize(lengths.size());
  std::uint32_t next = 0;
  for (std::uint16_t length = 1; length <= k_max_length; ++length) {
    next <<= 1U;
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] == length) {
        code.entries[symbol] = {reversed(next++, length), length};
      }
    }
  }
  return code;
}

HuffmanCode HuffmanCode::of_frequencies(const std::vector<std::uint32_t>& frequencies, std::size_t longest) {
  std::vector<Symbol> symbols;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    if (frequencies[i] > 0) {
      symbols.push_back({i, frequencies[i]});
    }
  }
  std::vector<std::uint16_t> lengths(frequencies.size());
  if (symbols.size() <= 2) {
    for (const auto& symbol : symbols) {
      lengths[symbol.symbol] = 1;
    }
    return of_lengths(lengths);
  }
  std::stable_sort(symbols.begin(), symbols.end(),
                   [](const auto& a, const auto& b) { return a.frequency < b.frequency; });
  const auto counts = count_lengths(symbols, longest);
  auto frequent = symbols.rbegin();
  for (std::size_t length = 1; length < counts.size(); ++length) {
    for (std::size_t i = 0; i < counts[length]; ++i, ++frequent) {
      lengths[frequent->symbol] = static_cast<std::uint16_t>(length);
    }
  }
  return of_lengths(lengths);
}

std::size_t HuffmanCode::cost(const std::vector<std::uint32_t>& frequencies) const {
  std::size_t bits = 0;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    bits += std::size_t{frequencies[i]} * entries[i].length;
  }
  return bits;
}

} // namespace pier::deploy

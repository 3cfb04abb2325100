#include "core/deploy/deflate_block.hpp"

#include "core/deploy/deflate_tables.hpp"
#include "core/deploy/huffman_code.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pier::deploy {
namespace {

constexpr std::size_t k_end = 256;          // of a block
constexpr std::size_t k_first_length = 257; // code of the shortest length
constexpr std::size_t k_literals = 286;
constexpr std::size_t k_fixed_literals = 288;
constexpr std::size_t k_max_stored = 65535;
constexpr std::size_t k_longest = 15;
constexpr std::size_t k_longest_of_lengths = 7;
constexpr std::uint32_t k_min_length = 3;

/// The order in which the lengths of the code for lengths are written (3.2.7).
constexpr std::array<std::size_t, 19> k_order = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

using Frequencies = std::vector<std::uint32_t>;

/// The codes for bytes and lengths, and for distances.
struct Codes {
  HuffmanCode literals;
  HuffmanCode distances;
};

const Codes& fixed_codes() {
  static const Codes k_codes = [] {
    std::vector<std::uint16_t> literals(k_fixed_literals, 8);
    for (std::size_t i = 144; i < 280; ++i) {
      literals[i] = i < k_end ? 9 : 7;
    }
    return Codes{HuffmanCode::of_lengths(literals),
                 HuffmanCode::of_lengths(std::vector<std::uint16_t>(k_distances.size(), 5))};
  }();
  return k_codes;
}

std::size_t length_code(const DeflateToken& token) {
  return range_of(k_lengths, token.length - k_min_length);
}

std::size_t distance_code(const DeflateToken& token) {
  return range_of(k_distances, token.distance - 1);
}

std::size_t used(const Frequencies& frequencies) {
  auto count = frequencies.size();
  while (count > 0 && frequencies[count - 1] == 0) {
    --count;
  }
  return count;
}

/// One code for lengths, with what follows it: how often the length is repeated.
struct LengthStep {
  std::size_t code;
  std::size_t repeats = 0;
};

constexpr std::array<std::size_t, 3> k_repeat_bits = {2, 3, 7}; // of codes 16, 17, 18

void add_run(std::vector<LengthStep>& steps, std::size_t length, std::size_t count) {
  constexpr std::size_t k_min_repeat = 3;
  constexpr std::size_t k_max_repeat = 6;
  constexpr std::size_t k_min_zeros = 11;
  constexpr std::size_t k_max_zeros = 138;
  if (length != 0) {
    steps.push_back({length});
    for (--count; count >= k_min_repeat;) {
      const auto part = std::min(count, k_max_repeat);
      steps.push_back({16, part - k_min_repeat});
      count -= part;
    }
  } else {
    while (count >= k_min_zeros) {
      const auto part = std::min(count, k_max_zeros);
      steps.push_back({18, part - k_min_zeros});
      count -= part;
    }
    if (count >= k_min_repeat) {
      steps.push_back({17, count - k_min_repeat});
      count = 0;
    }
  }
  steps.insert(steps.end(), count, {length});
}

/// The lengths of two codes in short (3.2.7).
std::vector<LengthStep> steps_of(const Codes& codes, std::size_t literals, std::size_t distances) {
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < literals; ++i) {
    lengths.push_back(codes.literals.entries[i].length);
  }
  for (std::size_t i = 0; i < distances; ++i) {
    lengths.push_back(codes.distances.entries[i].length);
  }
  std::vector<LengthStep> steps;
  for (std::size_t begin = 0; begin < lengths.size();) {
    auto end = begin;
    while (end < lengths.size() && lengths[end] == lengths[begin]) {
      ++end;
    }
    add_run(steps, lengths[begin], end - begin);
    begin = end;
  }
  return steps;
}

class Block {
 public:
  explicit Block(const std::vector<DeflateToken>& tokens)
      : tokens_(tokens) {
    for (const auto& token : tokens) {
      if (token.length == 0) {
        ++literals_[token.byte];
      } else {
        ++literals_[k_first_length + length_code(token)];
        ++distances_[distance_code(token)];
        extra_bits_ += std::size_t{k_lengths[length_code(token)].extra};
        extra_bits_ += std::size_t{k_distances[distance_code(token)].extra};
      }
    }
    literals_[k_end] = 1;
    if (used(distances_) == 0) {
      distances_[0] = 1; // a code needs an entry
    }
    codes_ = {HuffmanCode::of_frequencies(literals_, k_longest), HuffmanCode::of_frequencies(distances_, k_longest)};
    steps_ = steps_of(codes_, used(literals_), used(distances_));
    for (const auto& step : steps_) {
      ++step_frequencies_[step.code];
    }
    step_code_ = HuffmanCode::of_frequencies(step_frequencies_, k_longest_of_lengths);
    while (step_lengths_ > 4 && step_frequencies_[k_order[step_lengths_ - 1]] == 0) {
      --step_lengths_;
    }
  }

  [[nodiscard]] std::size_t size_with(const Codes& codes) const {
    return codes.literals.cost(literals_) + codes.distances.cost(distances_) + extra_bits_ + 3;
  }

  /// With codes of its own.
  [[nodiscard]] std::size_t own_size() const {
    std::size_t size = size_with(codes_) + 5 + 5 + 4 + 3 * step_lengths_ + step_code_.cost(step_frequencies_);
    for (std::size_t i = 0; i < k_repeat_bits.size(); ++i) {
      size += step_frequencies_[16 + i] * k_repeat_bits[i];
    }
    return size;
  }

  void write_fixed(BitWriter& out) const {
    out.put(2, 3);
    write_tokens(out, fixed_codes());
  }

  void write_dynamic(BitWriter& out) const {
    out.put(4, 3);
    out.put(used(literals_) - k_first_length, 5);
    out.put(used(distances_) - 1, 5);
    out.put(step_lengths_ - 4, 4);
    for (std::size_t i = 0; i < step_lengths_; ++i) {
      out.put(step_code_.entries[k_order[i]].length, 3);
    }
    for (const auto& step : steps_) {
      put(out, step_code_, step.code);
      if (step.code >= 16) {
        out.put(step.repeats, k_repeat_bits[step.code - 16]);
      }
    }
    write_tokens(out, codes_);
  }

 private:
  static void put(BitWriter& out, const HuffmanCode& code, std::size_t symbol) {
    out.put(code.entries[symbol].bits, code.entries[symbol].length);
  }

  void write_tokens(BitWriter& out, const Codes& codes) const {
    for (const auto& token : tokens_) {
      if (token.length == 0) {
        put(out, codes.literals, token.byte);
        continue;
      }
      const auto& length = k_lengths[length_code(token)];
      put(out, codes.literals, k_first_length + length_code(token));
      out.put(token.length - k_min_length - length.base, length.extra);
      const auto& distance = k_distances[distance_code(token)];
      put(out, codes.distances, distance_code(token));
      out.put(token.distance - 1 - distance.base, distance.extra);
    }
    put(out, codes.literals, k_end);
  }

  const std::vector<DeflateToken>& tokens_;
  Frequencies literals_ = Frequencies(k_literals);
  Frequencies distances_ = Frequencies(k_distances.size());
  std::size_t extra_bits_ = 0;
  Codes codes_;
  std::vector<LengthStep> steps_;
  Frequencies step_frequencies_ = Frequencies(k_order.size());
  HuffmanCode step_code_;
  std::size_t step_lengths_ = k_order.size();
};

} // namespace

void BitWriter::put(std::uint64_t bits, std::size_t count) {
  bits_ |= bits << count_;
  for (count_ += count; count_ >= 8; count_ -= 8) {
    out_ += static_cast<char>(bits_ & 0xFFU);
    bits_ >>= 8U;
  }
}

void BitWriter::align() {
  if (count_ > 0) {
    put(0, 8 - count_);
  }
}

void BitWriter::put_bytes(std::string_view bytes) {
  align();
  out_ += bytes;
}

std::string BitWriter::take() && {
  align();
  return std::move(out_);
}

void write_stored_block(BitWriter& out, std::string_view input, bool last) {
  out.put(last ? 1 : 0, 3);
  out.align();
  out.put(input.size(), 16);
  out.put(~input.size() & 0xFFFFU, 16);
  out.put_bytes(input);
}

void write_block(BitWriter& out, const std::vector<DeflateToken>& tokens, std::optional<std::string_view> input) {
  constexpr std::size_t k_stored_header = 5;
  const Block block(tokens);
  const auto fixed = block.size_with(fixed_codes());
  const auto dynamic = block.own_size();
  const bool storable = input && input->size() <= k_max_stored;
  if (storable && (input->size() + k_stored_header) * 8 < std::min(fixed, dynamic)) {
    write_stored_block(out, *input, false);
  } else if (dynamic < fixed) {
    block.write_dynamic(out);
  } else {
    block.write_fixed(out);
  }
}

} // namespace pier::deploy

#include "core/deploy/gzip.hpp"

#include "core/deploy/crc32.hpp"

#include <algorithm>
#include <utility>

namespace pier::deploy {
namespace {

constexpr std::size_t k_window = 32768;
constexpr std::size_t k_min_match = 4;
constexpr std::size_t k_max_match = 258;
constexpr std::size_t k_enough_ahead = k_min_match + k_max_match;
constexpr std::size_t k_block_tokens = 16384;
constexpr std::size_t k_hash_bits = 17;

// Level 6: matches shorter than k_lazy may give way to one at the next byte; k_nice ends a search, k_tries too.
constexpr std::size_t k_lazy = 16;
constexpr std::size_t k_nice = 128;
constexpr int k_tries = 128;
constexpr std::size_t k_near = 4096; // the shortest matches are not worth a long distance

std::size_t hash_of(const char* bytes) {
  constexpr std::uint32_t k_factor = 0x1e35a7bd;
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < k_min_match; ++i) {
    word = (word << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return (word * k_factor) >> (32U - k_hash_bits);
}

} // namespace

Gzip::Gzip()
    : window_(2 * k_window),
      heads_(std::size_t{1} << k_hash_bits),
      previous_(k_window) {
  using namespace std::string_view_literals;
  out_.put_bytes("\x1f\x8b\x08\0\0\0\0\0\0\xff"sv); // deflate; no flags, no time, unknown system
}

void Gzip::write(std::string_view bytes) {
  checksum_ = crc32(bytes, checksum_);
  size_ += bytes.size();
  while (!bytes.empty()) {
    pack(false);
    bytes.remove_prefix(fill(bytes));
  }
}

std::string Gzip::finish() && {
  constexpr std::size_t k_word = 32;
  pack(true);
  write_stored_block(out_, {}, true);
  out_.put(checksum_, k_word);
  out_.put(size_ & 0xFFFFFFFFU, k_word);
  return std::move(out_).take();
}

std::size_t Gzip::fill(std::string_view bytes) {
  if (at_ >= 2 * k_window - k_enough_ahead) {
    std::copy(window_.begin() + k_window, window_.end(), window_.begin());
    at_ -= k_window;
    end_ -= k_window;
    shifted_ += k_window;
    block_is_whole_ = block_is_whole_ && block_ >= k_window;
    block_ = block_is_whole_ ? block_ - k_window : 0;
  }
  const auto count = std::min(bytes.size(), window_.size() - end_);
  std::copy_n(bytes.begin(), count, window_.data() + end_);
  end_ += count;
  return count;
}

void Gzip::remember(std::size_t at) {
  if (at < insert_limit_) {
    auto& head = heads_[hash_of(window_.data() + at)];
    previous_[at % k_window] = head;
    head = shifted_ + at + 1;
  }
}

/// The longest text in the window that is also at `at_`; of the first places that come into question.
Gzip::Match Gzip::find_match(std::size_t ahead) const {
  Match best;
  const auto longest = std::min(ahead, k_max_match);
  const auto nice = std::min(longest, k_nice);
  const auto lowest = at_ > k_window ? at_ - k_window : 0;
  const char* here = window_.data() + at_;
  auto place = chain_;
  for (int tries = k_tries; tries > 0 && place > shifted_ + lowest; --tries) {
    const auto candidate = static_cast<std::size_t>(place - shifted_ - 1);
    const char* there = window_.data() + candidate;
    if (there[best.length] == here[best.length]) {
      const auto length = static_cast<std::size_t>(std::mismatch(here, here + longest, there).first - here);
      if (length > best.length && (length > k_min_match || at_ - candidate <= k_near)) {
        best = {length, at_ - candidate};
        if (length >= nice) {
          break;
        }
      }
    }
    if (candidate + k_window == at_) {
      break; // what stood before it is overwritten
    }
    place = previous_[candidate % k_window];
  }
  return best;
}

void Gzip::end_block(std::size_t at) {
  std::optional<std::string_view> input;
  if (block_is_whole_) {
    input = std::string_view(window_.data() + block_, at - block_);
  }
  write_block(out_, tokens_, input);
  tokens_.clear();
  block_ = at;
  block_is_whole_ = true;
}

void Gzip::add_byte(std::uint8_t byte) {
  tokens_.push_back({.byte = byte});
}

void Gzip::pack(bool all) {
  if (end_ - at_ < k_enough_ahead && !all) {
    return;
  }
  insert_limit_ = std::max(end_, k_min_match - 1) - (k_min_match - 1);
  for (auto ahead = end_ - at_; ahead >= k_enough_ahead || (all && ahead > 0); ahead = end_ - at_) {
    step(ahead);
  }
  if (!all) {
    return;
  }
  if (byte_waits_) {
    add_byte(static_cast<std::uint8_t>(window_[at_ - 1]));
    byte_waits_ = false;
  }
  if (!tokens_.empty()) {
    end_block(at_);
  }
}

void Gzip::step(std::size_t ahead) {
  if (at_ < insert_limit_) {
    chain_ = heads_[hash_of(window_.data() + at_)];
    remember(at_);
  }
  const auto before = std::exchange(match_, Match());
  if (ahead > before.length && before.length < k_lazy) {
    match_ = find_match(ahead);
  }
  if (before.length >= k_min_match && match_.length <= before.length) {
    tokens_.push_back(
        {.length = static_cast<std::uint32_t>(before.length), .distance = static_cast<std::uint32_t>(before.distance)});
    for (const auto behind = at_ + before.length - 1; ++at_ < behind;) {
      remember(at_);
    }
    byte_waits_ = false;
    match_ = Match();
    if (tokens_.size() == k_block_tokens) {
      end_block(at_);
    }
    return;
  }
  if (byte_waits_) {
    add_byte(static_cast<std::uint8_t>(window_[at_ - 1]));
    if (tokens_.size() == k_block_tokens) {
      end_block(at_);
    }
  }
  ++at_;
  byte_waits_ = true;
}

} // namespace pier::deploy

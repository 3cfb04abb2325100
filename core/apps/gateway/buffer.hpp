#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace pier::apps {

/// Bytes that were read but not used yet. Starts at 16 KiB, which holds nearly every message whole; once a read fills
/// it it grows, in two steps, to what large bodies flow best with.
class Buffer {
 public:
  static constexpr std::size_t k_small = 16UL * 1024;
  static constexpr std::size_t k_max_head = 64UL * 1024;
  static constexpr std::size_t k_large = 256UL * 1024;

  [[nodiscard]] std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }

  /// As much as a head may have.
  [[nodiscard]] bool full() const { return view().size() >= k_max_head; }

  /// Room to read into; view() and what points into it become invalid.
  struct Room {
    char* data;
    std::size_t size;
  };

  Room room() {
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
    if (bytes_.empty()) {
      bytes_.resize(k_small);
    } else if (end_ == bytes_.size() || wants_more_) {
      if (begin_ > 0) {
        std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
      }
      if (end_ == bytes_.size() || wants_more_) {
        bytes_.resize(bytes_.size() < k_max_head ? k_max_head : k_large);
      }
    }
    wants_more_ = false;
    return {bytes_.data() + end_, bytes_.size() - end_};
  }

  void commit(std::size_t count) {
    end_ += count;
    wants_more_ = end_ == bytes_.size() && bytes_.size() < k_large;
  }

  void consume(std::size_t count) { begin_ = std::min(begin_ + count, end_); }

  void clear() { begin_ = end_ = 0; }

  /// Gives back what a large body needed, when nothing is left in it.
  void shrink() {
    if (begin_ == end_ && bytes_.size() > k_small) {
      bytes_ = {};
      begin_ = end_ = 0;
      wants_more_ = false;
    }
  }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool wants_more_ = false;
};

} // namespace pier::apps

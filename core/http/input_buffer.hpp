#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

namespace pier::http {

/// Bytes that were read and not yet used; one allocation that lives as long as its connection.
class InputBuffer {
 public:
  explicit InputBuffer(std::size_t capacity)
      : bytes_(capacity) {}

  [[nodiscard]] std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }

  [[nodiscard]] std::size_t size() const { return end_ - begin_; }

  [[nodiscard]] bool empty() const { return begin_ == end_; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
  }

  /// Room for at least one more byte; commit() says how many came.
  [[nodiscard]] char* free_space() {
    if (end_ == bytes_.size() && begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == bytes_.size()) {
      bytes_.resize(bytes_.size() * 2);
    }
    return bytes_.data() + end_;
  }

  [[nodiscard]] std::size_t free_size() const { return bytes_.size() - end_; }

  void reserve(std::size_t capacity) {
    if (capacity > bytes_.size()) {
      bytes_.resize(capacity);
    }
  }

  /// Back to a smaller allocation when nothing is in it.
  void shrink(std::size_t capacity) {
    if (empty() && bytes_.size() > capacity) {
      bytes_ = std::vector<char>(capacity);
    }
  }

  void commit(std::size_t count) { end_ += count; }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace pier::http

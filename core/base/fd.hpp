#pragma once

#include <utility>

namespace pier {

/// Owns one file descriptor and closes it.
class UniqueFd {
 public:
  UniqueFd() = default;

  explicit UniqueFd(int fd)
      : fd_(fd) {}

  UniqueFd(UniqueFd&& other) noexcept
      : fd_(other.release()) {}

  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset(other.release());
    }
    return *this;
  }

  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }

  explicit operator bool() const { return fd_ >= 0; }

  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

} // namespace pier

#pragma once

#include <mutex>
#include <utility>

namespace pier {

/// Data together with the mutex that protects it; the only way in is a lock.
template <class T> class Guarded {
 public:
  class Lock {
   public:
    T* operator->() { return &data_; }

    T& operator*() { return data_; }

    /// For a condition variable.
    std::unique_lock<std::mutex>& mutex_lock() { return lock_; }

   private:
    friend class Guarded;

    Lock(std::mutex& mutex, T& data)
        : lock_(mutex),
          data_(data) {}

    std::unique_lock<std::mutex> lock_;
    T& data_;
  };

  template <class... Args>
  explicit Guarded(Args&&... args)
      : data_(std::forward<Args>(args)...) {}

  [[nodiscard]] Lock lock() { return Lock(mutex_, data_); }

 private:
  std::mutex mutex_;
  T data_;
};

} // namespace pier

#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier {

/// A library loaded on first use, so that a start does not pay for it (libcurl alone costs 6 ms).
/// Never unloaded: its threads and atexit handlers may live on.
class SharedLibrary {
 public:
  /// Tries each name in order; error `unavailable` naming the first. Hint: how to install it.
  static Result<SharedLibrary> load(const std::vector<std::string>& names, std::string_view hint);

  /// auto init = library.function<decltype(curl_easy_init)>("curl_easy_init");
  /// Null if it is not exported.
  template <class Function> [[nodiscard]] Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  explicit SharedLibrary(void* handle)
      : handle_(handle) {}

  [[nodiscard]] void* symbol(const char* name) const;
  void* handle_ = nullptr;
};

} // namespace pier

#pragma once

#include "core/base/fd.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pier::http {

/// Where a request's body goes: memory first, a temporary file (removed with this) once it is large.
class BodySink {
 public:
  BodySink(std::uint64_t max_memory, std::uint64_t max_total, std::filesystem::path folder)
      : max_memory_(max_memory),
        max_total_(max_total),
        folder_(std::move(folder)) {}

  BodySink(const BodySink&) = delete;
  BodySink& operator=(const BodySink&) = delete;
  ~BodySink();

  /// Error too_large above max_total; io when the disk is full.
  Result<void> append(std::string_view bytes);

  [[nodiscard]] std::string& memory() { return memory_; }

  [[nodiscard]] const std::filesystem::path& file() const { return path_; } ///< empty while in memory

 private:
  Result<void> move_to_file();
  Result<void> write(std::string_view bytes);

  const std::uint64_t max_memory_;
  const std::uint64_t max_total_;
  const std::filesystem::path folder_;
  std::uint64_t size_ = 0;
  std::string memory_;
  std::filesystem::path path_;
  UniqueFd fd_;
};

} // namespace pier::http

#pragma once

#include "core/base/clock.hpp"
#include "core/base/fd.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pier::apps {

/// One line of an app's log: {"source":"APP"|"SYSTEM","timestamp":seconds,"message":"…"}.
struct LogRecord {
  std::string source = "APP";
  double timestamp = 0.0; ///< seconds since the epoch
  std::string message;

  [[nodiscard]] std::string to_json() const;
};

/// Appends JSON lines to a file; when it grows past the limit it becomes `.1`, that one `.2` (three files).
/// Several writers may append to one file: each line is one write. Bytes that are not UTF-8 are replaced.
class LogFile {
 public:
  static Result<LogFile> open(std::filesystem::path path, std::uint64_t limit);

  void append(std::string_view source, std::string_view message, TimePoint now);

 private:
  LogFile(std::filesystem::path path, std::uint64_t limit, UniqueFd fd)
      : path_(std::move(path)),
        limit_(limit),
        fd_(std::move(fd)) {}

  void rotate();

  std::filesystem::path path_;
  std::uint64_t limit_;
  UniqueFd fd_;
};

/// Cuts a stream of bytes into lines; a line is at most k_max_line bytes, longer ones are broken.
class LineSplitter {
 public:
  static constexpr std::size_t k_max_line = 64UL * 1024;

  /// Calls `on_line` for each complete line.
  template <class OnLine> void feed(std::string_view bytes, const OnLine& on_line) {
    pending_ += bytes;
    std::size_t begin = 0;
    while (true) {
      const auto end = pending_.find('\n', begin);
      if (end != std::string::npos) {
        on_line(strip(std::string_view(pending_).substr(begin, end - begin)));
        begin = end + 1;
      } else if (pending_.size() - begin > k_max_line) {
        on_line(std::string_view(pending_).substr(begin, k_max_line));
        begin += k_max_line;
      } else {
        break;
      }
    }
    pending_.erase(0, begin);
  }

  template <class OnLine> void finish(const OnLine& on_line) {
    if (!pending_.empty()) {
      on_line(strip(pending_));
      pending_.clear();
    }
  }

 private:
  static std::string_view strip(std::string_view line) {
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    return line;
  }

  std::string pending_;
};

/// The last `count` lines of a log and of the files it was rotated to, oldest first. `source` empty: any;
/// `search` empty: any, else lines that hold it (case does not matter).
std::vector<LogRecord> read_last_lines(const std::filesystem::path& path, std::size_t count,
                                       std::string_view source = {}, std::string_view search = {});

/// Follows a log across rotation: each call returns the complete lines that came since the last one.
class LogFollower {
 public:
  explicit LogFollower(std::filesystem::path path, bool from_end = true);
  std::vector<LogRecord> poll();

 private:
  std::filesystem::path path_;
  std::uint64_t inode_ = 0;
  std::uint64_t offset_ = 0;
  std::string partial_;
};

} // namespace pier::apps

#include "core/apps/guard/log_file.hpp"

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <deque>
#include <fstream>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

constexpr int k_kept_files = 2; ///< beside the current one

UniqueFd open_append(const fs::path& path) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

fs::path rotated(const fs::path& path, int number) {
  return path.string() + "." + std::to_string(number);
}

std::string printable(std::string_view text) {
  if (is_valid_utf8(text)) {
    return std::string(text);
  }
  std::string ascii;
  for (const char c : text) {
    ascii += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : std::string("\xEF\xBF\xBD");
  }
  return ascii;
}

std::string format_seconds(double seconds) {
  std::array<char, 32> buffer{};
  const auto [end, code] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), seconds, std::chars_format::fixed, 3);
  return code == std::errc() ? std::string(buffer.data(), end) : "0";
}

bool parse_record(const std::string& line, LogRecord& record) {
  const auto json = Json::parse(line, 8);
  if (!json || !json->is_object()) {
    return false;
  }
  record.source = json->get_string("source");
  record.message = json->get_string("message");
  const Json* timestamp = json->find("timestamp");
  record.timestamp = timestamp != nullptr && timestamp->is_number() ? timestamp->as_double() : 0.0;
  return true;
}

} // namespace

std::string LogRecord::to_json() const {
  std::string out = R"({"source":)";
  append_json_string(out, source);
  out += R"(,"timestamp":)" + format_seconds(timestamp) + R"(,"message":)";
  append_json_string(out, message);
  return out + "}";
}

Result<LogFile> LogFile::open(fs::path path, std::uint64_t limit) {
  auto fd = open_append(path);
  if (!fd) {
    return error_from_errno(errno, "cannot open the log " + path.string());
  }
  return LogFile(std::move(path), limit, std::move(fd));
}

void LogFile::append(std::string_view source, std::string_view message, TimePoint now) {
  const LogRecord record{.source = std::string(source),
                         .timestamp = static_cast<double>(to_epoch_millis(now)) / 1000.0,
                         .message = printable(message)};
  const auto line = record.to_json() + "\n";
  struct stat info{};
  if (::fstat(fd_.get(), &info) == 0 && static_cast<std::uint64_t>(info.st_size) + line.size() > limit_) {
    rotate();
  }
  // A full disk must not stop the app: the line is lost, the next one may find room.
  [[maybe_unused]] const auto ignored = ::write(fd_.get(), line.data(), line.size());
}

void LogFile::rotate() {
  std::error_code ignored;
  for (int number = k_kept_files; number > 1; --number) {
    fs::rename(rotated(path_, number - 1), rotated(path_, number), ignored);
  }
  fs::rename(path_, rotated(path_, 1), ignored);
  if (auto fresh = open_append(path_)) {
    fd_ = std::move(fresh);
  }
}

std::vector<LogRecord> read_last_lines(const fs::path& path, std::size_t count, std::string_view source,
                                       std::string_view search) {
  const auto needle = to_lower(search);
  std::deque<LogRecord> last;
  for (int number = k_kept_files; number >= 0; --number) {
    std::ifstream in(number == 0 ? path : rotated(path, number));
    std::string line;
    LogRecord record;
    while (std::getline(in, line)) {
      if (!parse_record(line, record) || (!source.empty() && record.source != source) ||
          (!needle.empty() && to_lower(record.message).find(needle) == std::string::npos)) {
        continue;
      }
      last.push_back(record);
      if (last.size() > count) {
        last.pop_front();
      }
    }
  }
  return {last.begin(), last.end()};
}

LogFollower::LogFollower(fs::path path, bool from_end)
    : path_(std::move(path)) {
  struct stat info{};
  if (from_end && ::stat(path_.c_str(), &info) == 0) {
    inode_ = info.st_ino;
    offset_ = static_cast<std::uint64_t>(info.st_size);
  }
}

std::vector<LogRecord> LogFollower::poll() {
  std::vector<LogRecord> records;
  const auto read_rest = [&](const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset_));
    std::array<char, 16 * 1024> buffer{};
    while (in.read(buffer.data(), buffer.size()), in.gcount() > 0) {
      partial_.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
      offset_ += static_cast<std::uint64_t>(in.gcount());
    }
    std::size_t begin = 0;
    for (auto end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n', begin)) {
      LogRecord record;
      if (parse_record(partial_.substr(begin, end - begin), record)) {
        records.push_back(std::move(record));
      }
      begin = end + 1;
    }
    partial_.erase(0, begin);
  };
  struct stat info{};
  if (::stat(path_.c_str(), &info) != 0) {
    return records;
  }
  if (inode_ != 0 && info.st_ino != inode_) {
    read_rest(rotated(path_, 1));
    offset_ = 0;
    partial_.clear();
  }
  inode_ = info.st_ino;
  if (static_cast<std::uint64_t>(info.st_size) > offset_) {
    read_rest(path_);
  }
  return records;
}

} // namespace pier::apps

#include "core/http/body_sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace pier::http {

BodySink::~BodySink() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
}

Result<void> BodySink::append(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > max_total_) {
    return Error{.kind = ErrorKind::too_large,
                 .code = "PIER0321",
                 .message = "the body is larger than " + std::to_string(max_total_) + " bytes"};
  }
  if (!fd_ && size_ <= max_memory_) {
    memory_.append(bytes);
    return {};
  }
  if (!fd_) {
    PIER_TRY(move_to_file());
  }
  return write(bytes);
}

Result<void> BodySink::move_to_file() {
  std::error_code code;
  const auto folder = folder_.empty() ? std::filesystem::temp_directory_path(code) : folder_;
  auto pattern = (folder / "body-XXXXXX").string();
  fd_.reset(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!fd_) {
    return error_from_errno(errno, "cannot create a temporary file in " + folder.string());
  }
  path_ = pattern;
  PIER_TRY(write(memory_));
  memory_ = {};
  return {};
}

Result<void> BodySink::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(fd_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      return error_from_errno(errno, "cannot store the body");
    }
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  return {};
}

} // namespace pier::http

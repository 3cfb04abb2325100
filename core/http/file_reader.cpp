#include "core/http/file_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pier::http {
namespace {

constexpr std::uint64_t k_piece = 256 * 1024;

} // namespace

FileReader::FileReader(UniqueFd fd, const FileBody& part)
    : fd_(std::move(fd)),
      offset_(part.offset),
      left_(part.length),
      buffer_(static_cast<std::size_t>(std::min(part.length, k_piece))) {}

Result<FileReader> FileReader::open(const FileBody& part) {
  UniqueFd fd(::open(part.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return error_from_errno(errno, "cannot read " + part.path.string());
  }
  return FileReader(std::move(fd), part);
}

Result<std::string_view> FileReader::next() {
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer_.size()));
  if (want == 0) {
    return std::string_view();
  }
  const auto count = ::pread(fd_.get(), buffer_.data(), want, static_cast<off_t>(offset_));
  if (count < 0) {
    return error_from_errno(errno, "cannot read a file");
  }
  if (count == 0) {
    return Error{.kind = ErrorKind::io, .code = "PIER0325", .message = "a file became shorter while it was sent"};
  }
  offset_ += static_cast<std::uint64_t>(count);
  left_ -= static_cast<std::uint64_t>(count);
  return std::string_view(buffer_.data(), static_cast<std::size_t>(count));
}

} // namespace pier::http

#pragma once

#include "core/base/fd.hpp"
#include "core/base/result.hpp"
#include "core/http/message.hpp"

#include <string_view>
#include <vector>

namespace pier::http {

/// Reads a FileBody piece by piece.
class FileReader {
 public:
  static Result<FileReader> open(const FileBody& part);

  /// The next piece, valid until the next call. An error when the file has become shorter.
  Result<std::string_view> next();

  [[nodiscard]] bool at_end() const { return left_ == 0; }

 private:
  FileReader(UniqueFd fd, const FileBody& part);

  UniqueFd fd_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::vector<char> buffer_;
};

} // namespace pier::http

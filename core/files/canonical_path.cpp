#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/files/workspace_files.hpp"

#include <algorithm>

namespace pier::files {
namespace {

constexpr std::size_t k_max_path = 4096;
constexpr std::size_t k_max_part = 255;

Error bad_path(std::string_view path, std::string_view why) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = "Path (" + std::string(path.substr(0, k_max_part)) + ") " + std::string(why)};
}

} // namespace

Result<std::string> canonical_path(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return bad_path(path, "doesn't start with '/'");
  }
  const bool printable =
      std::none_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (path.size() > k_max_path || !printable || !is_valid_utf8(path)) {
    return bad_path(path, "is too long or holds characters that a name cannot have");
  }
  std::string out;
  bool first = true;
  for (const auto& part : split(path, '/')) {
    if (part.empty()) {
      continue;
    }
    if (part == "." || part == ".." || part.size() > k_max_part) {
      return bad_path(path, "holds a part that is no name: '" + part.substr(0, 32) + "'");
    }
    if (std::exchange(first, false) && part == "Workspace") {
      continue;
    }
    out += '/';
    out += part;
  }
  return out.empty() ? std::string("/") : out;
}

} // namespace pier::files

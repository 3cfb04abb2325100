// LIBS: git
// The first line is a path, the rest a list of patterns; matching ends whatever they are.
#include "core/git/ignore_patterns.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\n');
  if (end == std::string_view::npos) {
    return 0;
  }
  const auto patterns = pier::git::IgnorePatterns::parse(text.substr(end + 1));
  static_cast<void>(patterns.matches(text.substr(0, end), false));
  static_cast<void>(patterns.matches(text.substr(0, end), true));
  return 0;
}

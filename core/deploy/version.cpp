#include "core/deploy/version.hpp"

#include "core/base/text.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace pier::deploy {
namespace {

/// "a.b.c" → its numbers; nothing for other texts (what follows a dash or plus does not count).
std::optional<std::array<std::int64_t, 3>> version_numbers(std::string_view text) {
  const auto parts = split(text.substr(0, text.find_first_of("-+")), '.');
  std::array<std::int64_t, 3> numbers{};
  if (parts.size() != numbers.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!parse_int64(parts[i], numbers[i])) {
      return std::nullopt;
    }
  }
  return numbers;
}

} // namespace

bool is_newer_version(std::string_view version, std::string_view than) {
  const auto a = version_numbers(version);
  const auto b = version_numbers(than);
  return a && b && *a > *b;
}

} // namespace pier::deploy

#include "core/scaffold/renderer.hpp"

#include <cstddef>
#include <string_view>

namespace pier::scaffold {

namespace {

Error broken(std::string_view pattern) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER5002",
               .message = "\"" + std::string(pattern) + "\" is no file pattern"};
}

/// One `[…]` at `at` (after the bracket); moves `at` behind it.
Result<bool> class_matches(std::string_view pattern, std::size_t& at, char c) {
  const bool negated = at < pattern.size() && (pattern[at] == '^' || pattern[at] == '!');
  at += negated ? 1U : 0U;
  bool matches = false;
  for (bool is_first = true; at < pattern.size() && (is_first || pattern[at] != ']'); is_first = false) {
    at += pattern[at] == '\\' && at + 1 < pattern.size() ? 1U : 0U;
    const char low = pattern[at++];
    char high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      high = pattern[at + 1];
      at += 2;
    }
    matches = matches || (low <= c && c <= high);
  }
  if (at >= pattern.size()) {
    return broken(pattern);
  }
  ++at; // the closing bracket
  return matches != negated && c != '/';
}

/// One step of the pattern at `at` against `c`, for everything but `*`.
Result<bool> step_matches(std::string_view pattern, std::size_t& at, char c) {
  const char p = pattern[at++];
  if (p == '?') {
    return c != '/';
  }
  if (p == '[') {
    return class_matches(pattern, at, c);
  }
  if (p == '\\') {
    if (at >= pattern.size()) {
      return broken(pattern);
    }
    return pattern[at++] == c;
  }
  return p == c;
}

} // namespace

Result<bool> glob_matches(std::string_view pattern, std::string_view path) {
  std::size_t at = 0;
  std::size_t i = 0;
  std::size_t star = std::string_view::npos; // where to go on after the last `*`
  std::size_t star_path = 0;
  while (i < path.size() || at < pattern.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      star_path = i;
      continue;
    }
    if (at < pattern.size() && i < path.size()) {
      PIER_TRY_ASSIGN(const bool matches, step_matches(pattern, at, path[i]));
      if (matches) {
        ++i;
        continue;
      }
    }
    // Let the last `*` take one character more, but never a slash.
    if (star == std::string_view::npos || star_path >= path.size() || path[star_path] == '/') {
      return false;
    }
    at = star;
    i = ++star_path;
  }
  return true;
}

} // namespace pier::scaffold

#include "core/git/ignore_patterns.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace pier::git {
namespace {

/// Reads the class that starts at `at` with '['; sets `at` behind it. Nothing when it is not closed.
std::optional<bool> match_class(std::string_view pattern, std::size_t& at, char c) {
  std::size_t index = at + 1;
  const bool negated = index < pattern.size() && (pattern[index] == '!' || pattern[index] == '^');
  if (negated) {
    ++index;
  }
  bool found = false;
  for (bool first = true; index < pattern.size(); first = false) {
    if (pattern[index] == ']' && !first) {
      at = index + 1;
      return found != negated;
    }
    const char low = pattern[index];
    char high = low;
    if (index + 2 < pattern.size() && pattern[index + 1] == '-' && pattern[index + 2] != ']') {
      high = pattern[index + 2];
      index += 2;
    }
    found = found || (low <= c && c <= high);
    ++index;
  }
  return std::nullopt;
}

/// One pattern element at `p` against `c`; on success `p` stands behind the element.
bool match_one(std::string_view pattern, std::size_t& p, char c) {
  switch (pattern[p]) {
  case '?': ++p; return true;
  case '[': {
    std::size_t after = p;
    if (const auto in_class = match_class(pattern, after, c)) {
      p = *in_class ? after : p;
      return *in_class;
    }
    break;
  }
  case '\\':
    if (p + 1 < pattern.size()) {
      if (pattern[p + 1] != c) {
        return false;
      }
      p += 2;
      return true;
    }
    break;
  default: break;
  }
  if (pattern[p] != c) {
    return false;
  }
  ++p;
  return true;
}

bool match_segments(std::span<const std::string> pattern, std::span<const std::string> path) {
  // reachable[i]: the pattern's segments so far can end before path segment i.
  std::vector<char> reachable(path.size() + 1, 0);
  reachable[0] = 1;
  for (const auto& segment : pattern) {
    std::vector<char> next(path.size() + 1, 0);
    if (segment == "**") {
      bool open = false;
      for (std::size_t i = 0; i <= path.size(); ++i) {
        open = open || reachable[i] != 0;
        next[i] = open ? 1 : 0;
      }
    } else {
      for (std::size_t i = 0; i < path.size(); ++i) {
        next[i + 1] = reachable[i] != 0 && matches_segment(segment, path[i]) ? 1 : 0;
      }
    }
    reachable = std::move(next);
  }
  return reachable[path.size()] != 0;
}

} // namespace

bool matches_segment(std::string_view pattern, std::string_view segment) {
  std::size_t p = 0;
  std::size_t s = 0;
  std::optional<std::size_t> star;
  std::size_t star_at = 0;
  while (s < segment.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_at = s;
      continue;
    }
    if (p < pattern.size() && match_one(pattern, p, segment[s])) {
      ++s;
      continue;
    }
    if (!star) {
      return false;
    }
    p = *star;
    s = ++star_at;
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

IgnorePatterns IgnorePatterns::parse(std::string_view text) {
  IgnorePatterns patterns;
  for (const auto& line : split(text, '\n')) {
    patterns.add_line(line);
  }
  return patterns;
}

IgnorePatterns IgnorePatterns::of_lines(const std::vector<std::string>& lines) {
  IgnorePatterns patterns;
  for (const auto& line : lines) {
    patterns.add_line(line);
  }
  return patterns;
}

void IgnorePatterns::add_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) {
    line.remove_suffix(1);
  }
  while (!line.empty() && line.back() == ' ' && !(line.size() > 1 && line[line.size() - 2] == '\\')) {
    line.remove_suffix(1);
  }
  if (line.empty() || line.front() == '#') {
    return;
  }
  Pattern pattern;
  if (line.front() == '!') {
    pattern.negated = true;
    line.remove_prefix(1);
  }
  if (line.substr(0, 2) == "\\#" || line.substr(0, 2) == "\\!") {
    line.remove_prefix(1);
  }
  while (line.substr(0, 2) == "./") {
    line.remove_prefix(2);
  }
  if (!line.empty() && line.back() == '/') {
    pattern.directories_only = true;
    line.remove_suffix(1);
  }
  if (!line.empty() && line.front() == '/') {
    pattern.anchored = true;
    line.remove_prefix(1);
  }
  if (line.empty()) {
    return;
  }
  pattern.segments = split(line, '/');
  pattern.anchored = pattern.anchored || pattern.segments.size() > 1;
  if (pattern.segments.back() == "**" && pattern.segments.size() > 1) {
    pattern.segments.push_back("*"); // "a/**" is what is inside a, not a itself
  }
  patterns_.push_back(std::move(pattern));
}

bool IgnorePatterns::matches(std::string_view path, bool is_directory) const {
  const auto segments = split(path, '/');
  const std::span<const std::string> all(segments);
  const auto matches_pattern = [&](const Pattern& pattern) {
    for (std::size_t length = 1; length <= all.size(); ++length) {
      const bool directory = length < all.size() || is_directory;
      if (pattern.directories_only && !directory) {
        continue;
      }
      const bool hit = pattern.anchored ? match_segments(pattern.segments, all.first(length))
                                        : matches_segment(pattern.segments.front(), all[length - 1]);
      if (hit) {
        return true;
      }
    }
    return false;
  };
  const auto last = std::find_if(patterns_.rbegin(), patterns_.rend(), matches_pattern);
  return last != patterns_.rend() && !last->negated;
}

} // namespace pier::git
